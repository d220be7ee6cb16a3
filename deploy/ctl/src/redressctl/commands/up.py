import asyncio
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape

from redressctl.demo import play
from redressctl.show import terminal
from redressctl.target import DEFAULT_DIR, target_of

if TYPE_CHECKING:
    from stack.record import StackRecord
    from stack.stack import Stack

_DEFAULT_PORT = 8080
_TEND_S = 0.2
EXAMPLES = ("redressctl up --demo", "redressctl up --dir /var/tmp/redress --port 9000")


def up(
    data_dir: Annotated[Path, typer.Option("--dir", help="Where its data is kept between runs.")] = DEFAULT_DIR,
    port: Annotated[
        int, typer.Option(help="Of the public API; a free one when taken. 0: any free one.")
    ] = _DEFAULT_PORT,
    demo: Annotated[bool, typer.Option("--demo", help="Play the demo on the bilingual sample, then stay up.")] = False,
    once: Annotated[bool, typer.Option("--once", help="Stop again when started (and when the demo is over).")] = False,
    show_key: Annotated[bool, typer.Option("--show-key", help="Print the admin key itself.")] = False,
) -> None:
    """Start the embedded stack in the foreground: PostgreSQL, NATS, a mail sink, the six services. Ctrl-C stops it.

    Data is kept in --dir between runs. A settings.json there tells its services what to do otherwise than by default,
    e.g. {"notify": {"REDRESS_SMTP_HOST": "mail.example"}}; docs/settings.md names all settings.
    """
    from stack.ports import preferred_port
    from stack.signals import stop_requests
    from stack.stack import Stack

    console = terminal()
    console.print(f"starting PostgreSQL, NATS, a mail sink and six services on {data_dir} …", highlight=False)
    public_port = preferred_port(port) if port else None
    if public_port not in (None, port):
        console.print(f"port {port} is taken: the public API gets {public_port} this time", highlight=False)
    with stop_requests() as requested, Stack(data_dir, public_port=public_port, restart_crashed=True) as stack:
        _print_doors(console, stack, show_key)
        actor = _Actor(stack.record(), stack.data_dir, console) if demo else None
        if actor:
            actor.start()
        playing = actor is not None
        if not once and not playing:
            console.print("it stays up; Ctrl-C stops it", highlight=False)
        while not requested.wait(_TEND_S):
            stack.tend()
            if playing and not (actor and actor.is_alive()):
                playing = False
                if not once:
                    _stay(console, stack, show_key)
            if once and not playing:
                break
        console.print("stopping …")
    if actor and actor.failure and once:
        raise actor.failure


class _Actor(threading.Thread):
    """Plays the demo beside the main thread, which has to tend the stack."""

    def __init__(self, record: "StackRecord", data_dir: Path, console: Console) -> None:
        super().__init__(name="demo", daemon=True)
        self._target = target_of(record, data_dir)
        self._console = console
        self.failure: Exception | None = None

    def run(self) -> None:
        try:
            asyncio.run(play(self._target, console=self._console))
        except Exception as failure:  # whatever it was: `up --once` must end with it, and not well
            self.failure = failure
            self._console.print(f"[red]the demo stopped[/red]: {escape(str(failure))}", soft_wrap=True, highlight=False)


def _stay(console: Console, stack: "Stack", show_key: bool) -> None:
    """The doors once more, below everything the demo printed."""
    console.print("the demo is over; everything stays up, Ctrl-C stops it. What to open:", highlight=False)
    _print_doors(console, stack, show_key)


def _print_doors(console: Console, stack: "Stack", show_key: bool) -> None:
    record = stack.record()
    doors = {
        "public API": stack.public_url,
        "OpenAPI": f"{stack.public_url}/openapi.json",
        "mails received": f"{stack.sink_url}/messages",
        "admin key": stack.admin_key if show_key else f"in {record.secrets_file} (or: --show-key)",
        **{f"metrics of {name}": f"{urls[0]}/metrics" for name, urls in record.ops_urls.items()},
        "logs": record.log_dir,
    }
    for name, where in doors.items():
        console.print(f"  {name:<21} {where}", soft_wrap=True, highlight=False)
