import asyncio
from typing import Annotated

import typer
from rich.table import Table

from redressctl.api import Json, connect
from redressctl.errors import CtlError
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target
from redressctl.verify.books import SERVICES

group = typer.Typer(help="Dead letters: events that a service could not handle.", no_args_is_help=True)
Service = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.")]
Letter = Annotated[str, typer.Argument(help="The dead letter's id, from `list`.")]


@group.command("list")
def list_(
    replayed: Annotated[bool, typer.Option("--replayed", help="Those already replayed, too.")] = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Dead letters of all services.

    redressctl dlq list
    """
    table = Table("service", title="dead letters")
    table.add_column("id", no_wrap=True)  # to be copied whole
    for name in ("event", "of", "parked", "deliveries", "error"):
        table.add_column(name, overflow="fold")
    for service, found in asyncio.run(_list(find_target(data_dir, url, key), replayed)):
        for one in found:
            kind = one["type"].removeprefix("redress.")
            cells = (one["id"], kind, one["subject"], (one["parked_at"] or "")[:19], str(one["deliveries"]))
            table.add_row(service, *cells, one["error"][:80])
    terminal().print(table)


@group.command()
def show(
    service: Service, letter: Letter, data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = ""
) -> None:
    """One dead letter with its error and the message as it came.

    redressctl dlq show workflow 0199…
    """
    terminal().print_json(data=asyncio.run(_one(find_target(data_dir, url, key), _known(service), letter)))


@group.command()
def replay(
    service: Service, letter: Letter, data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = ""
) -> None:
    """Run the reaction again; parked anew, with the new error, when it fails again.

    redressctl dlq replay workflow 0199…
    """
    after = asyncio.run(_replay(find_target(data_dir, url, key), _known(service), letter))
    if not after.get("replayed_at"):
        raise CtlError(f"It failed again: {after['error']}; `redressctl dlq show {service} {letter}` has the message.")
    terminal().print(f"replayed at {after['replayed_at']}", highlight=False)


def _known(service: str) -> str:
    if service not in SERVICES:
        raise CtlError(f"There is no service {service}: choose one of {', '.join(SERVICES)}.")
    return service


async def _list(target: Target, replayed: bool) -> list[tuple[str, list[Json]]]:
    async with connect(target.url, target.key) as api:
        return [
            (service, await api.all(f"/v1/admin/{service}/dead-letters", include_replayed=replayed or None))
            for service in SERVICES
        ]


async def _one(target: Target, service: str, letter: str) -> Json:
    async with connect(target.url, target.key) as api:
        return await api.get(f"/v1/admin/{service}/dead-letters/{letter}")


async def _replay(target: Target, service: str, letter: str) -> Json:
    async with connect(target.url, target.key) as api:
        return await api.post(f"/v1/admin/{service}/dead-letters/{letter}/replay")
