import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Any

Question = Callable[[], Awaitable[Any]]


class SharedReads:
    """Equal questions that come while one is under way become one question, which is asked after it: many people have
    the same page open, and nobody gets an answer older than his question.

    Equal means: whoever may see one answer may see the other. The key has to hold all that the answer depends on.
    """

    def __init__(self) -> None:
        self._running: dict[Hashable, asyncio.Task[None]] = {}
        self._waiting: dict[Hashable, tuple[Question, asyncio.Future[Any]]] = {}

    async def ask(self, key: Hashable, question: Question) -> Any:
        """The answer, or the error that the shared question ended with. Who goes away harms no other."""
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        if key in self._running:
            _, answer = self._waiting.setdefault(key, (question, answer))
        else:
            self._start(key, question, answer)
        return await asyncio.shield(answer)

    def _start(self, key: Hashable, question: Question, answer: asyncio.Future[Any]) -> None:
        self._running[key] = asyncio.create_task(self._run(key, question, answer))

    async def _run(self, key: Hashable, question: Question, answer: asyncio.Future[Any]) -> None:
        try:
            answer.set_result(await question())
        except Exception as error:
            answer.set_exception(error)
        finally:
            if key in self._waiting:
                self._start(key, *self._waiting.pop(key))
            else:
                del self._running[key]
