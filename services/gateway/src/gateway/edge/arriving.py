"""A large body as it arrives: handed on piece by piece, within its size, none of its pieces later than the limit."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from gateway.edge.body import DRAIN_BYTES, Disconnected, drain
from gateway.edge.refusals import BodyTooLarge, TimedOut


async def arriving(request: Request, *, limit_bytes: int, idle_s: float, what: str) -> AsyncIterator[bytes]:
    """Raises BodyTooLarge 413, TimedOut 408, Disconnected."""
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > limit_bytes + DRAIN_BYTES:
        raise _too_large(what, limit_bytes)
    left, more = limit_bytes, True
    while more:
        try:
            async with asyncio.timeout(idle_s):
                message = await request.receive()
        except TimeoutError:
            raise TimedOut(f"nothing arrived for {idle_s:g} seconds") from None
        if message["type"] == "http.disconnect":
            raise Disconnected
        left -= len(message.get("body", b""))
        if left < 0:
            await drain(request.receive, message)
            raise _too_large(what, limit_bytes)
        yield message.get("body", b"")
        more = message.get("more_body", False)


def _too_large(what: str, limit_bytes: int) -> BodyTooLarge:
    return BodyTooLarge(f"{what} may have {limit_bytes} bytes")
