import asyncio
import json
from collections.abc import Sequence
from typing import Annotated

import typer
from rich.table import Table

from redressctl.health import PartHealth, ask_installation
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, UrlOption, find_target

EXAMPLES = (
    "redressctl status",
    "redressctl status --json | jq .well",
    "redressctl status --url https://redress.example --key rk_…",
)


def status(
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say at a glance if all is well, and if not, what is not and what to do. Exit code 1 then.

    Of a stack in a data directory it asks every part; of an installation by --url what its public API can tell.
    """
    parts = asyncio.run(ask_installation(find_target(data_dir, url, key)))
    troubles = [f"{part.name}: {trouble}" for part in parts for trouble in part.troubles]
    if as_json:
        print(json.dumps({"well": not troubles, "troubles": troubles, "parts": [part.as_json() for part in parts]}))
    else:
        _show(parts, troubles)
    if troubles:
        raise typer.Exit(1)


def _show(parts: Sequence[PartHealth], troubles: Sequence[str]) -> None:
    table = Table("part", "ready", "to send", "to take in", "dead letters", "address")
    for part in parts:
        ready = "[green]yes[/green]" if part.ready else "[red]no[/red]"
        table.add_row(part.name, ready, *(_number(n) for n in part.numbers), part.address)
    console = terminal()
    console.print(table)
    console.print("[red]not well[/red]" if troubles else "[green]all is well[/green]")
    for trouble in troubles:
        console.print(f"  {trouble}", soft_wrap=True, highlight=False, markup=False)


def _number(n: int | None) -> str:
    return "" if n is None else str(n)
