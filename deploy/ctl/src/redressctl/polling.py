"""Waiting for what events bring about: looked at again and again, with an end."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import TypeVar

from redressctl.errors import TookTooLong

T = TypeVar("T")


async def until(
    look: Callable[[], Awaitable[T]],
    good: Callable[[T], bool],
    what: str,
    *,
    within_s: float = 60.0,
    every_s: float = 0.2,
) -> T:
    """What `look` saw once it was `good`. Raises TookTooLong naming `what` and the last sight."""
    deadline = time.monotonic() + within_s
    while True:
        seen = await look()
        if good(seen):
            return seen
        if time.monotonic() > deadline:
            raise TookTooLong(f"{what} did not happen within {within_s:g} s (last seen: {_short(seen)}); see the logs.")
        await asyncio.sleep(every_s)


def _short(seen: object) -> str:
    text = str(seen)
    return text if len(text) <= 120 else f"{text[:117]}..."
