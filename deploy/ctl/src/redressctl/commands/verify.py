import asyncio
import json
from pathlib import Path
from typing import Annotated

import typer

from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, UrlOption, find_target
from redressctl.verify import run
from redressctl.verify.table import check_table

EXAMPLES = ("redressctl verify", "redressctl verify --acks acks.jsonl --wait 60")


def verify(
    acks: Annotated[Path | None, typer.Option(exists=True, help="Acknowledgements written by `load`.")] = None,
    wait: Annotated[float, typer.Option(min=0, help="Seconds for what is still under way.")] = 30.0,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Compare acknowledged requests, events, cases, facts, receipts and audit trails of all services.

    Reads through the admin routes only. The last line is JSON; the exit code is 1 when something differs.
    """
    report = asyncio.run(run(find_target(data_dir, url, key), acks=acks, wait_s=wait))
    console = terminal()
    console.print(check_table(report))
    for difference in report.named():
        console.print(difference, soft_wrap=True, highlight=False, markup=False)
    print(json.dumps(report.as_json()), flush=True)
    if not report.clean:
        raise typer.Exit(1)
