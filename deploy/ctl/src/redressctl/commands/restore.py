import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR

EXAMPLES = (
    "redressctl restore redress.tar --dir /var/tmp/redress",
    "redressctl restore redress.tar --replace && redressctl up",
)


def restore(
    file: Annotated[Path, typer.Argument(help="A file that `redressctl backup` wrote.")],
    data_dir: Annotated[Path, typer.Option("--dir", help="Where the stack is to live; not running.")] = DEFAULT_DIR,
    replace: Annotated[
        bool, typer.Option("--replace", help="Set aside what stands in the directory (it is not deleted).")
    ] = False,
    skip_numbers: Annotated[
        int,
        typer.Option(
            min=0, help="More than were given out since the backup: those numbers stand in letters and are not reused."
        ),
    ] = 10_000,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Put a backup back. The next `redressctl up` recovers the services and starts them.

    What was acknowledged after the backup is gone: clients send it again with the same Idempotency-Key. Where NATS
    still has events of that time, they are named in logs/SERVICE-recover.log and taken off the streams, so that no
    service acts on complaints that no longer exist.
    """
    from stack.restore import restore_backup

    done = restore_backup(file, data_dir, skip_numbers=skip_numbers, replace=replace)
    aside = str(done.set_aside) if done.set_aside else None
    if as_json:
        told = {"dir": str(data_dir), "taken_at": done.manifest.taken_at, "set_aside": aside}
        print(json.dumps(told | {"seconds": round(done.seconds, 1)}))
        return
    console = terminal()
    console.print(f"{data_dir} is as of {done.manifest.taken_at[:19]} UTC ({done.seconds:.1f} s)", highlight=False)
    if aside:
        console.print(f"what was there before: {aside}", highlight=False, soft_wrap=True)
    console.print(f"next: redressctl up --dir {data_dir}, then redressctl verify", highlight=False, soft_wrap=True)
