import asyncio
import json
from collections.abc import Mapping, Sequence
from typing import Annotated

import typer
from rich.table import Table

from redressctl.api import connect
from redressctl.examples import examples
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target
from redressctl.verify.books import AuditTrail, read_audit

_EXAMPLES = examples("redressctl audit verify", "redressctl audit verify --json | jq .broken")
group = typer.Typer(help="The audit trail: who changed what, when and why.", no_args_is_help=True, epilog=_EXAMPLES)


@group.callback()
def _group() -> None:
    """The audit trail: who changed what, when and why."""


@group.command(epilog=_EXAMPLES)
def verify(
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Recompute every hash chain of every service; exit code 1 when one does not hold."""
    trails = asyncio.run(_read(find_target(data_dir, url, key)))
    broken = [f"{service}: {one}" for service, trail in trails.items() for one in trail.broken]
    if as_json:
        entries = {service: trail.entries for service, trail in trails.items()}
        print(json.dumps({"holds": not broken, "entries": entries, "broken": broken}))
    else:
        _show(trails, broken)
    if broken:
        raise typer.Exit(1)


def _show(trails: Mapping[str, AuditTrail], broken: Sequence[str]) -> None:
    table = Table("service", "entries", "aggregates", "broken", title="audit trails")
    for service, trail in trails.items():
        table.add_row(service, str(trail.entries), str(trail.aggregates), str(len(trail.broken)))
    console = terminal()
    console.print(table)
    for line in broken:
        console.print(line, soft_wrap=True, highlight=False, markup=False)


async def _read(target: Target) -> dict[str, AuditTrail]:
    async with connect(target.url, target.key) as api:
        return await read_audit(api)
