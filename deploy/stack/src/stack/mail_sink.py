"""A mail server that keeps every mail it accepts and shows them over HTTP: `python -m stack.mail_sink --help`."""

import argparse
import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import uvicorn
import uvloop
from aiosmtpd.smtp import SMTP, Envelope, Session
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from stack.mail_store import MailStore
from stack.ports import LOOPBACK


@dataclass
class Refusals:
    """Answers 451 to the first `first` mails, and to the share `rate` of those after them, evenly spread."""

    first: int = 0
    rate: float = 0.0
    count: int = 0
    _owed: float = 0.0

    def is_due(self) -> bool:
        if self.count < self.first:
            self.count += 1
            return True
        self._owed += self.rate
        if self._owed < 1:
            return False
        self._owed -= 1
        self.count += 1
        return True


class Inbox:
    """The handler aiosmtpd calls; the names of its methods are aiosmtpd's."""

    def __init__(self, store: MailStore, refusals: Refusals) -> None:
        self._store = store
        self._refusals = refusals

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self._refusals.is_due():
            return "451 4.3.0 refused on request, try again"
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        try:
            number = self._store.keep(envelope.mail_from or "", envelope.rcpt_tos, content)
        except OSError as error:  # aiosmtpd would answer 500, and the sender give up for good
            return f"452 4.3.1 not kept: {error.strerror}"
        return f"250 kept as {number}"


def http_app(store: MailStore, refusals: Refusals) -> Starlette:
    async def count(_: Request) -> Response:
        return JSONResponse({"count": store.count, "refused": refusals.count, "by_kind": store.by_kind})

    async def messages(request: Request) -> Response:
        query = request.query_params
        return JSONResponse({"messages": store.entries(int(query.get("limit", 100)), int(query.get("offset", 0)))})

    async def message(request: Request) -> Response:
        raw = store.raw(request.path_params["number"])
        if raw is None:
            return PlainTextResponse("no such mail", status_code=404)
        return Response(raw, media_type="message/rfc822")

    return Starlette(
        routes=[
            Route("/count", count),
            Route("/messages", messages),
            Route("/messages/{number:int}", message),
        ]
    )


async def serve(smtp_port: int, http_port: int, store: MailStore, refusals: Refusals) -> None:
    inbox = Inbox(store, refusals)
    smtp = await asyncio.get_running_loop().create_server(
        # The host name is given, or aiosmtpd asks the resolver for one at every connection.
        lambda: SMTP(inbox, hostname="mail-sink.invalid", enable_SMTPUTF8=True),
        LOOPBACK,
        smtp_port,
        backlog=512,
    )
    config = uvicorn.Config(http_app(store, refusals), LOOPBACK, http_port, log_level="warning", access_log=False)
    async with smtp:
        await uvicorn.Server(config).serve()


def main(argv: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="stack.mail_sink", description=__doc__)
    parser.add_argument("--smtp-port", type=int, required=True)
    parser.add_argument("--http-port", type=int, required=True)
    parser.add_argument("--dir", type=Path, required=True, help="mails and their index are kept here")
    parser.add_argument("--fail-first", type=int, default=0, help="answer 451 to the first N mails")
    parser.add_argument("--fail-rate", type=float, default=0.0, help="answer 451 to this share of the mails (0 to 1)")
    given = parser.parse_args(argv)
    refusals = Refusals(given.fail_first, given.fail_rate)
    uvloop.run(serve(given.smtp_port, given.http_port, MailStore(given.dir), refusals))


if __name__ == "__main__":
    main()
