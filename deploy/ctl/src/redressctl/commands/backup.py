import json
from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR

EXAMPLES = (
    "redressctl backup --out redress.tar",
    "redressctl backup --dir /var/tmp/redress --out /mnt/backups/monday.tar",
)


def backup(
    out: Annotated[Path, typer.Option(help="The file to write; replaced when it exists.")],
    data_dir: Annotated[Path, typer.Option("--dir", help="Data directory of the stack, running or not.")] = DEFAULT_DIR,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Write everything an embedded stack must not lose into one file, without stopping it.

    All databases at one moment, and the secrets: keep the file as safe as the data directory itself. What was
    acknowledged before the command began is in it. NATS is not: its streams are filled again from the databases.
    """
    from stack.backup import take_backup

    taken = take_backup(data_dir, out)
    at = datetime.fromisoformat(taken.manifest.taken_at)
    if as_json:
        told = {"file": str(out), "taken_at": taken.manifest.taken_at, "bytes": taken.size_bytes}
        print(json.dumps(told | {"seconds": round(taken.seconds, 1)}))
        return
    size = f"{taken.size_bytes / 1e6:.0f} MB in {taken.seconds:.1f} s"
    console = terminal()
    console.print(f"{out}: {size}, all as of {at:%Y-%m-%d %H:%M:%S} UTC; it holds secrets", highlight=False)
    console.print(f"put it back with: redressctl restore {out} --dir DIRECTORY", highlight=False, soft_wrap=True)
