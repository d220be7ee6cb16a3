import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any


class SharedReads:
    """Equal questions that come while one is under way become one question, which is asked after it: many people have
    the same page open, and nobody gets an answer older than his question.

    Equal means: whoever may see one answer may see the other. The key has to hold all that the answer depends on.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[Any]] = {}
        self._next: dict[Hashable, asyncio.Task[Any]] = {}

    async def ask(self, key: Hashable, question: Callable[[], Awaitable[Any]]) -> Any:
        """The answer, or the error that the shared question ended with. Who goes away harms no other."""
        running = self._running.get(key)
        if running is None:
            shared = self._running[key] = asyncio.ensure_future(self._run(key, question))
        elif (shared := self._next.get(key)) is None:  # type: ignore[assignment]
            shared = self._next[key] = asyncio.ensure_future(self._after(running, key, question))
        return await asyncio.shield(shared)

    async def _after(self, running: asyncio.Task[Any], key: Hashable, question: Callable[[], Awaitable[Any]]) -> Any:
        await asyncio.wait([running])
        self._running[key] = self._next.pop(key)
        return await self._run(key, question)

    async def _run(self, key: Hashable, question: Callable[[], Awaitable[Any]]) -> Any:
        try:
            return await question()
        finally:
            del self._running[key]
