import asyncio
import json
from typing import Annotated, Any

import typer
from rich.markup import escape

from redressctl.api import Json, connect
from redressctl.errors import CtlError
from redressctl.examples import examples
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, DirOption, KeyOption, Target, UrlOption, find_target
from redressctl.verify.books import SERVICES

group = typer.Typer(
    help="Dead letters: events that a service could not handle.",
    no_args_is_help=True,
    epilog=examples("redressctl dlq list", "redressctl dlq show workflow 0199f3a2-…"),
)


def _known(service: str) -> str:
    if service not in SERVICES:
        raise typer.BadParameter(f"There is no service {service}: choose one of {', '.join(SERVICES)}.")
    return service


Service = Annotated[str, typer.Argument(help=f"One of {', '.join(SERVICES)}.", callback=_known)]
Letter = Annotated[str, typer.Argument(help="The dead letter's id, from `dlq list`.")]


@group.command("list", epilog=examples("redressctl dlq list", "redressctl dlq list --json | jq -r .id"))
def list_(
    settled: Annotated[bool, typer.Option("--settled", help="Those replayed or discarded, too.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One dead letter a line, as JSON.")] = False,
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """List the dead letters of all services, newest first. There should be none."""
    found = asyncio.run(_list(find_target(data_dir, url, key), settled))
    if as_json:
        for service, one in found:
            print(json.dumps({"service": service, **one}, ensure_ascii=False))
        return
    console = terminal()
    for service, one in found:
        kind = one["type"].removeprefix("redress.")
        console.print(f"[bold]{service}[/bold] {one['id']}  {escape(kind)}", highlight=False, soft_wrap=True)
        told = (
            f"parked {(one['parked_at'] or '')[:19]} after {one['deliveries']} tries: {one['error'][:160]}{_end(one)}"
        )
        console.print(f"    {told}", highlight=False, soft_wrap=True, markup=False)
    console.print(f"{len(found)} dead letters" if found else "no dead letters", highlight=False)


def _end(one: Json) -> str:
    if one.get("discarded_at"):
        return f" · discarded {one['discarded_at'][:19]}: {one['discard_reason']}"
    return f" · replayed {one['replayed_at'][:19]}" if one.get("replayed_at") else ""


@group.command(epilog=examples("redressctl dlq show workflow 0199f3a2-…"))
def show(
    service: Service, letter: Letter, data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = ""
) -> None:
    """Show one dead letter: its error, and the message as it came."""
    found = asyncio.run(_send(find_target(data_dir, url, key), "GET", service, letter))
    terminal().print_json(data=found | {"body": _readable(found.get("body") or "")})


@group.command(epilog=examples("redressctl dlq replay workflow 0199f3a2-…"))
def replay(
    service: Service, letter: Letter, data_dir: DirOption = DEFAULT_DIR, url: UrlOption = "", key: KeyOption = ""
) -> None:
    """Run the reaction again, after its cause is mended. Parked anew, with the new error, when it fails again."""
    after = asyncio.run(_send(find_target(data_dir, url, key), "POST", service, letter, "replay", {}))
    if not after.get("replayed_at"):
        raise CtlError(f"It failed again: {after['error']}; `redressctl dlq show {service} {letter}` has the message.")
    terminal().print(f"replayed at {after['replayed_at']}", highlight=False)


@group.command(
    epilog=examples('redressctl dlq discard workflow 0199f3a2-… --reason "a test of ours sent it by hand"'),
)
def discard(
    service: Service,
    letter: Letter,
    reason: Annotated[str, typer.Option(help="Why it need not be handled; kept in the audit trail.")],
    data_dir: DirOption = DEFAULT_DIR,
    url: UrlOption = "",
    key: KeyOption = "",
) -> None:
    """Settle one that will never be handled. For good: a later delivery of the same event has no effect either."""
    target = find_target(data_dir, url, key)
    after = asyncio.run(_send(target, "POST", service, letter, "discard", {"reason": reason}))
    terminal().print(f"discarded at {after['discarded_at']}; the reason is in the audit trail", highlight=False)


def _readable(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body


async def _list(target: Target, settled: bool) -> list[tuple[str, Json]]:
    async with connect(target.url, target.key) as api:
        return [
            (service, one)
            for service in SERVICES
            for one in await api.all(f"/v1/admin/{service}/dead-letters", include_replayed=settled or None)
        ]


async def _send(target: Target, verb: str, service: str, letter: str, what: str = "", body: Any = None) -> Json:
    path = f"/v1/admin/{service}/dead-letters/{letter}" + (f"/{what}" if what else "")
    async with connect(target.url, target.key) as api:
        return await api.send(verb, path, **({} if body is None else {"json": body}))
