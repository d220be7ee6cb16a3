import asyncio

import typer
from rich.table import Table

from redressctl.api import connect
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target
from redressctl.verify.books import AuditTrail, read_audit

group = typer.Typer(help="The audit trail: who changed what, when and why.", no_args_is_help=True)


@group.callback()
def _group() -> None:
    """The audit trail: who changed what, when and why."""


@group.command()
def verify(data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = "") -> None:
    """Recompute every hash chain of every service; exit code 1 when one does not hold.

    redressctl audit verify
    """
    trails = asyncio.run(_read(find_target(data_dir, url, key)))
    table = Table("service", "entries", "aggregates", "broken", title="audit trails")
    for service, trail in trails.items():
        table.add_row(service, str(trail.entries), str(trail.aggregates), str(len(trail.broken)))
    console = terminal()
    console.print(table)
    broken = [f"{service}: {one}" for service, trail in trails.items() for one in trail.broken]
    for line in broken:
        console.print(line, soft_wrap=True, highlight=False, markup=False)
    if broken:
        raise typer.Exit(1)


async def _read(target: Target) -> dict[str, AuditTrail]:
    async with connect(target.url, target.key) as api:
        return await read_audit(api)
