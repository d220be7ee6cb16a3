import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from chassis.errors import Unavailable

_LATELY = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


@dataclass
class _Waiting(Generic[Item, Result]):
    item: Item
    bytes: int
    future: asyncio.Future[Result]


@dataclass(frozen=True)
class BatchLimits:
    items: int = 200
    # A gRPC message ends at 4 MiB.
    bytes: int = 2 * 1024 * 1024
    in_flight: int = 2
    waiting: int = 5_000
    apart_s: float = 0.0
    """The time between two departures, unless the next batch is full or nobody else is expected."""


class Coalescer(Generic[Item, Result]):
    """Gathers the calls that arrive while batches are under way into the next batch, and answers each by itself.

    A call leaves at once, unless another has just left: a batch costs its owner the same dozen statements whether it
    holds one call or ten. Clients that each wait for their answer before they ask again are not held back: when as
    many wait as left together lately, and no batch is under way, all are back. `send` returns one result per item, in
    order.
    When it fails, every caller of that batch gets its error. A caller that goes away harms no other: its item is
    dropped while it still waits, and its answer is ignored once it has left.
    """

    def __init__(
        self,
        send: Callable[[Sequence[Item]], Awaitable[Sequence[Result]]],
        size: Callable[[Item], int],
        limits: BatchLimits,
    ) -> None:
        self._send, self._size, self._limits = send, size, limits
        self._waiting: deque[_Waiting[Item, Result]] = deque()
        self._flights: set[asyncio.Task[None]] = set()
        self._under_way = 0
        self._left_at = float("-inf")
        self._in_the_air = 0
        self._sizes: deque[int] = deque([1], maxlen=_LATELY)
        """Of the last batches that left."""
        self._all_back = asyncio.Event()

    async def submit(self, item: Item, timeout_seconds: float) -> Result:
        """Raises Unavailable when the queue is full or the answer takes longer; the outcome is then unknown."""
        if len(self._waiting) >= self._limits.waiting:
            raise Unavailable("too many calls are waiting for the owner", retry_after=1)
        loop = asyncio.get_running_loop()
        entry = _Waiting[Item, Result](item, self._size(item), loop.create_future())
        self._waiting.append(entry)
        if self._nobody_else_expected():
            self._all_back.set()
        self._launch()
        # Not asyncio.timeout: on this path it costs ten times as much.
        late = Unavailable("the owner did not answer in time", retry_after=1)
        timer = loop.call_later(timeout_seconds, partial(_settle, entry.future, error=late))
        try:
            return await entry.future
        finally:
            timer.cancel()

    async def drain(self) -> None:
        """Waits until every batch under way is answered."""
        while self._flights:
            await asyncio.wait(self._flights)

    def _launch(self) -> None:
        # Counted by hand: a finished task stays in the set for one more turn of the loop, and a call that
        # arrived in that turn would wait for a flight that never leaves.
        if self._under_way >= self._limits.in_flight:
            return
        self._under_way += 1
        flight = asyncio.create_task(self._fly())
        self._flights.add(flight)
        flight.add_done_callback(self._flights.discard)

    async def _fly(self) -> None:
        while batch := await self._departing():
            try:
                results = await self._sent(batch)
            except Exception as error:
                for entry in batch:
                    _settle(entry.future, error=error)
            else:
                for entry, result in zip(batch, results, strict=True):
                    _settle(entry.future, result=result)
        self._under_way -= 1

    async def _sent(self, batch: Sequence[_Waiting[Item, Result]]) -> Sequence[Result]:
        self._in_the_air += 1
        try:
            results = await self._send([entry.item for entry in batch])
        finally:
            self._in_the_air -= 1
        if len(results) != len(batch):
            raise Unavailable(f"{len(results)} answers to {len(batch)} calls", retry_after=1)
        return results

    async def _departing(self) -> list[_Waiting[Item, Result]]:
        """The next batch, when it is time for it to leave; empty when nobody waits any more."""
        clock = asyncio.get_running_loop().time
        while self._waiting and not self._nobody_else_expected():
            too_early = self._left_at + self._limits.apart_s - clock()
            if too_early <= 0:
                break
            self._all_back.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(too_early):
                    await self._all_back.wait()
        if batch := self._next_batch():
            self._left_at = clock()
            self._sizes.append(len(batch))
        return batch

    def _nobody_else_expected(self) -> bool:
        waiting = len(self._waiting)
        return waiting >= self._limits.items or (not self._in_the_air and waiting >= max(self._sizes))

    def _next_batch(self) -> list[_Waiting[Item, Result]]:
        batch: list[_Waiting[Item, Result]] = []
        total = 0
        while self._waiting and len(batch) < self._limits.items:
            if self._waiting[0].future.done():
                self._waiting.popleft()
                continue
            total += self._waiting[0].bytes
            if batch and total > self._limits.bytes:
                break
            batch.append(self._waiting.popleft())
        return batch


def _settle(future: asyncio.Future[Result], *, result: Result | None = None, error: Exception | None = None) -> None:
    if future.done():
        return
    if error is not None:
        future.set_exception(error)
    else:
        future.set_result(result)  # type: ignore[arg-type]
