"""What stands in plain, or under a retired key, is sealed anew in the background: in bites, so that it may be broken
off at any time, and by any number of replicas at once."""

from collections.abc import Awaitable, Callable, Mapping

from chassis.db import Database, Tx
from intake.adapters import adoption, index_key, resealing

EVERY_S = 60.0
_BITE = 200
_STEPS: Mapping[str, Callable[[Tx, int], Awaitable[int]]] = {
    "complaints": adoption.adopt_some,
    "notes": adoption.seal_notes,
    "submissions": resealing.seal_submissions,
    "keys": resealing.reseal_keys,
}
KINDS = tuple(_STEPS)


class SealRows:
    def __init__(self, db: Database, left: Callable[[str, int], None]) -> None:
        self._db = db
        self._left = left

    async def __call__(self) -> None:
        async with self._db.tx() as tx:
            await index_key.ready(tx)
            await index_key.reseal(tx)
        await self._count()
        for step in _STEPS.values():
            while await self._bite(step):
                pass
        await self._count()

    async def _bite(self, step: Callable[[Tx, int], Awaitable[int]]) -> int:
        async with self._db.tx() as tx:
            return await step(tx, _BITE)

    async def _count(self) -> None:
        async with self._db.read() as tx:
            for kind, number in (await resealing.left(tx)).items():
                self._left(kind, number)
