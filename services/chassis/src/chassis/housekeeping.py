"""Forgets Idempotency-Keys past their retention; one replica at a time, in small bites that no caller feels."""

import asyncio

from chassis import logs
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.lease import Lease

_LOG = logs.get("housekeeping")
_EVERY_S = 3600.0
_BITE = 5000


class Housekeeping:
    def __init__(self, db: Database, lease: Lease, idempotency_days: int) -> None:
        self._db = db
        self._lease = lease
        self._days = idempotency_days

    async def run(self) -> None:
        while True:
            try:
                if await self._lease.held():
                    await self.forget_keys()
            except Unavailable:
                _LOG.warning("housekeeping waits for the database")
            await asyncio.sleep(_EVERY_S)

    async def forget_keys(self) -> int:
        """How many keys were past their retention."""
        forgotten = 0
        while gone := await self._bite():
            forgotten += gone
        return forgotten

    async def _bite(self) -> int:
        async with self._db.connection() as conn:
            status = await conn.execute(
                "WITH old AS MATERIALIZED (SELECT actor, key FROM idempotency"
                "   WHERE at < now() - make_interval(days => $1) LIMIT $2)"
                " DELETE FROM idempotency i USING old WHERE i.actor = old.actor AND i.key = old.key",
                self._days,
                _BITE,
            )
        return int(str(status).rsplit(" ", 1)[-1])
