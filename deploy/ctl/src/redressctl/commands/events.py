import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any

import nats
import typer
from nats.aio.msg import Msg
from nats.errors import Error as NatsError
from rich.console import Console

from redressctl.errors import NotReachable
from redressctl.examples import examples
from redressctl.target import DEFAULT_DIR, DirOption, find_target

_EXAMPLES = examples(
    "redressctl events tail --type workflow.case", "redressctl events tail --json --count 10 | jq .data"
)
group = typer.Typer(help="What the services tell each other.", no_args_is_help=True, epilog=_EXAMPLES)
_SUBJECT = "redress.>"


@group.callback()
def _group() -> None:
    """What the services tell each other."""


@group.command(epilog=_EXAMPLES)
def tail(
    kind: Annotated[str, typer.Option("--type", help="Only types that contain this, e.g. case.closed.")] = "",
    count: Annotated[int | None, typer.Option(min=1, help="Stop after so many; else at Ctrl-C.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One CloudEvent a line, as it is on the wire.")] = False,
    nats_url: Annotated[str, typer.Option("--nats", envvar="REDRESS_NATS_URL", help="NATS of any installation.")] = "",
    data_dir: DirOption = DEFAULT_DIR,
) -> None:
    """Show events as they happen, from now on."""
    url = nats_url or find_target(data_dir, "", "").nats_url()
    try:
        asyncio.run(_tail(url, kind, count, as_json))
    except BrokenPipeError:  # ours, not NATS's: `… | head` has seen enough
        raise
    except (NatsError, OSError) as error:
        raise NotReachable(f"NATS does not answer ({type(error).__name__}): see with `redressctl status`.") from error


async def _tail(url: str, kind: str, count: int | None, as_json: bool) -> None:
    connection = await nats.connect(url, max_reconnect_attempts=5, connect_timeout=3, error_cb=_quiet)
    console = Console()
    shown = 0
    try:
        subscription = await connection.subscribe(_SUBJECT)
        async for message in _messages(subscription):
            if kind not in message.subject:
                continue
            if as_json:
                print(message.data.decode(), flush=True)
            else:
                console.print(line_of(json.loads(message.data)), soft_wrap=True, highlight=False, markup=False)
            shown += 1
            if shown == count:
                return
    finally:
        await connection.close()


async def _quiet(_: Exception) -> None:
    """What matters is raised; without this nats-py prints a traceback for every try."""


async def _messages(subscription: Any) -> AsyncIterator[Msg]:
    async for message in subscription.messages:
        yield message


def line_of(event: dict[str, Any]) -> str:
    """Ids, codes and counts; times and nested parts are for --json."""
    facts = " ".join(
        f"{name}={value}" for name, value in event["data"].items() if _short(name, value, event["subject"])
    )
    kind = event["type"].removeprefix("redress.").rsplit(".v", 1)[0]
    return f"{event['time'][11:23]}  {kind:<34} {event['subject']} #{event['sequence']}  {facts}"


def _short(name: str, value: Any, subject: str) -> bool:
    is_time = name == "at" or name.startswith("t_") or name.endswith("_at")
    return not is_time and not isinstance(value, dict | list) and value not in (None, subject)
