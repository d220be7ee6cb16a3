"""The clock that chases: one replica at a time, a bounded batch per transaction."""

import asyncio
from collections.abc import Awaitable, Callable

from chassis.db import Database, Tx
from chassis.lease import Lease
from workflow.app import timer
from workflow.metrics import WorkflowMetrics

_DUTIES: dict[str, Callable[[Tx, int], Awaitable[int]]] = {
    "catch_up": timer.catch_up,
    "hand_out": timer.hand_out,
    "escalate": timer.escalate,
    "announce": timer.announce_deadlines,
}
_MOST_BATCHES = 20


class Timer:
    def __init__(self, db: Database, lease: Lease, metrics: WorkflowMetrics, *, every_s: float, batch: int) -> None:
        self._db = db
        self._lease = lease
        self._metrics = metrics
        self._every_s = every_s
        self._batch = batch

    async def run(self) -> None:
        while True:
            await self.tick()
            await asyncio.sleep(self._every_s)

    async def tick(self) -> dict[str, int]:
        """What was handled, by duty; nothing where another replica holds the lease."""
        handled = dict.fromkeys(_DUTIES, 0)
        for duty, work in _DUTIES.items():
            for _ in range(_MOST_BATCHES):
                if not await self._lease.held():
                    return handled
                async with self._db.tx() as tx:
                    await timer.fence(tx, self._lease)
                    done = await work(tx, self._batch)
                handled[duty] += done
                self._metrics.timer_handled.labels(duty).inc(done)
                if done < self._batch:
                    break
        self._metrics.timer_ran.set_to_current_time()
        return handled

    async def stop(self) -> None:
        await self._lease.release()
