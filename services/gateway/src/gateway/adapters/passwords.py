import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from chassis.errors import TooManyRequests

T = TypeVar("T")


class Passwords:
    """argon2id (RFC 9106) in threads of its own: tens of ms and 64 MiB each, so few at a time, never on the loop."""

    def __init__(self, hasher: PasswordHasher | None = None, *, threads: int = 2, max_waiting: int = 32) -> None:
        self._hasher = hasher or PasswordHasher()
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="password")
        self._max_waiting, self._waiting = max_waiting, 0
        self._of_nobody = self._hasher.hash("the password of nobody")

    async def hash(self, password: str) -> str:
        return await self._run(lambda: self._hasher.hash(password))

    async def verify(self, known: str | None, password: str) -> bool:
        """An unknown account (`None`) costs the same time as a wrong password, so that they cannot be told apart."""
        matches = await self._run(lambda: self._matches(known or self._of_nobody, password))
        return matches and known is not None

    async def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)

    def _matches(self, known: str, password: str) -> bool:
        try:
            return self._hasher.verify(known, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _run(self, work: Callable[[], T]) -> T:
        if self._waiting >= self._max_waiting:
            raise TooManyRequests("too many people are signing in at this moment", retry_after=1)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        finally:
            self._waiting -= 1
