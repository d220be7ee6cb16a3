"""Makes the next things while the last one is worked on: reading needs our CPU, registering waits for PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import suppress
from typing import TypeVar

T = TypeVar("T")
_AHEAD = 2


async def ahead(made: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """`made` in its order, up to two of them early. Raises what it raises, after what came before."""
    queue: asyncio.Queue[T | _End] = asyncio.Queue(_AHEAD)
    making = asyncio.create_task(_fill(queue, made))
    try:
        while not isinstance(found := await queue.get(), _End):
            yield found
        if found.error is not None:
            raise found.error
    finally:
        making.cancel()
        with suppress(asyncio.CancelledError):
            await making


class _End:
    def __init__(self, error: BaseException | None = None) -> None:
        self.error = error


async def _fill(queue: "asyncio.Queue[T | _End]", made: AsyncIterator[T]) -> None:
    try:
        async for each in made:
            await queue.put(each)
    except Exception as error:
        await queue.put(_End(error))
    else:
        await queue.put(_End())
