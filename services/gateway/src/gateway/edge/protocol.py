"""uvicorn's HTTP protocol with the limits it lacks: headers in size and number, and clients that take their time."""

import asyncio
import select
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from chassis.errors import Malformed, RedressError, Unavailable
from gateway.edge.networks import unmapped
from gateway.edge.problems import problem_response
from gateway.edge.refusals import HeadersTooLarge, TimedOut

# How many Host headers a request may have (RFC 9112 3.2): proxies choose among two, and not always as we would.
_HOSTS = {"1.1": (1,), "1.0": (0, 1)}


@dataclass(frozen=True)
class ConnectionLimits:
    header_bytes: int
    header_count: int
    header_timeout_s: float
    leftover_timeout_s: float
    connections: int


class GuardedProtocol(HttpToolsProtocol):
    """Refuses before the application hears of the request; the application itself guards the body it reads."""

    limits: ConnectionLimits

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self.client = self.client and (unmapped(self.client[0]), self.client[1])
        self._reading_headers = True
        self._header_bytes, self._header_count, self._hosts = 0, 0, 0
        self._refusal: RedressError | None = None
        self._timer: asyncio.TimerHandle | None = None
        if len(self.connections) > self.limits.connections:
            self._refuse(Unavailable("too many connections"))
        self._expect_within(self.limits.header_timeout_s)

    def connection_lost(self, exc: Exception | None) -> None:
        self._disarm()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        super().data_received(data)
        # A header line without an end never reaches on_header, but it does fill the parser.
        if self._reading_headers and not self.transport.is_closing():
            self._header_bytes += len(data)
            if self._header_bytes > 2 * self.limits.header_bytes:
                self._refuse(HeadersTooLarge("the headers are too long"))

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._reading_headers = True
        self._header_bytes, self._header_count, self._hosts = 0, 0, 0
        self._expect_within(self.limits.header_timeout_s)

    def on_url(self, url: bytes) -> None:
        self._count(len(url), 0)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        self._count(len(name) + len(value), 1)
        # uvicorn would add what trails a chunked body to the headers, where a proxy has looked already.
        if self._reading_headers:
            self._hosts += name.lower() == b"host"
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if (version := self.parser.get_http_version()) not in _HOSTS or self._hosts not in _HOSTS[version]:
            self._refusal = Malformed("a request names one host, in HTTP/1.1", slug="malformed_http")
            raise self._refusal
        self._reading_headers = False
        self._disarm()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._disarm()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.cycle.more_body and not self.transport.is_closing():
            # Answered before the body was read: what is left of it may not trickle in for ever.
            self._expect_within(self.limits.leftover_timeout_s)

    def shutdown(self) -> None:
        """At the end of the server: an idle connection is closed, but not one by which a request has begun to come.
        Its answer closes it (`HttpServer.farewell`), and whoever never ends his headers is timed out as always."""
        idle = self.cycle is None or self.cycle.response_complete
        if self.transport.is_closing() or (idle and (self._begun() or _unread(self.transport))):
            return
        super().shutdown()

    def _begun(self) -> bool:
        return self._reading_headers and self._header_bytes > 0

    def send_400_response(self, msg: str) -> None:
        self._refuse(self._refusal or Malformed("this is not HTTP as we know it", slug="malformed_http"))

    def _count(self, size: int, headers: int) -> None:
        self._header_bytes += size
        self._header_count += headers
        if self._header_bytes > self.limits.header_bytes or self._header_count > self.limits.header_count:
            self._refusal = HeadersTooLarge("the headers are too long or too many")
            raise self._refusal

    def _expect_within(self, seconds: float) -> None:
        self._disarm()
        self._timer = self.loop.call_later(seconds, self._too_slow)

    def _disarm(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _too_slow(self) -> None:
        if self._begun():
            self._refuse(TimedOut("the headers did not arrive in time"))
        else:
            self.transport.close()

    def _refuse(self, error: RedressError) -> None:
        """Answers on the bare connection and closes it."""
        if self.transport.is_closing():
            return
        response = problem_response(error, "")
        response.headers["Connection"] = "close"
        head = b"".join(name + b": " + value + b"\r\n" for name, value in response.raw_headers)
        self.transport.write(STATUS_LINE[error.status] + head + b"\r\n" + bytes(response.body))
        self.transport.close()


def _unread(transport: asyncio.Transport) -> bool:
    """Whether the kernel holds what this turn of the loop has not read: closing now would answer it with a reset."""
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return bool(poll.poll(0))


def guarded_protocol(limits: ConnectionLimits) -> type[GuardedProtocol]:
    """uvicorn makes the protocol itself, so its limits are given to the class."""
    made: type[GuardedProtocol] = type("LimitedProtocol", (GuardedProtocol,), {"limits": limits})
    return made
