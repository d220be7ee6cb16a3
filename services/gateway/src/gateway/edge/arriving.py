"""A large body as it arrives: handed on piece by piece, within its size, none of its pieces later than the limit."""

import asyncio
from collections.abc import AsyncIterator

from starlette.requests import Request

from gateway.edge.body import Disconnected, drain, refuse_announced, too_large
from gateway.edge.refusals import TimedOut


async def arriving(request: Request, *, limit_bytes: int, idle_s: float, what: str) -> AsyncIterator[bytes]:
    """Raises BodyTooLarge 413, TimedOut 408, Disconnected."""
    refuse_announced(request, limit_bytes, what)
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
            raise too_large(limit_bytes, what)
        yield message.get("body", b"")
        more = message.get("more_body", False)
