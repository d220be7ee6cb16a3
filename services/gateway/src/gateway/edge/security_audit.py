import asyncio
from collections import Counter

from chassis import logs
from chassis.db import Database
from gateway.app.access_audit import Refused, record_refusals
from gateway.metrics import EdgeMetrics

_LOG = logs.get("security_audit")


class SecurityAudit:
    """Refused credentials, roles and forgeries go to the audit trail in batches, beside the request path.

    At most `max_kinds` different refusals wait; what comes beyond is counted as overflow. While PostgreSQL is away
    they go on waiting.
    """

    def __init__(self, db: Database, metrics: EdgeMetrics, *, every_s: float = 1.0, max_kinds: int = 500) -> None:
        self._db, self._metrics = db, metrics
        self._every_s, self._max_kinds = every_s, max_kinds
        self._waiting: Counter[Refused] = Counter()

    def note(self, refused: Refused) -> None:
        self._metrics.refused.labels(refused.slug).inc()
        if refused not in self._waiting and len(self._waiting) >= self._max_kinds:
            self._metrics.audit_overflow.inc()
            return
        self._waiting[refused] += 1

    async def run(self) -> None:
        while True:
            await asyncio.sleep(self._every_s)
            await self.flush()

    async def flush(self) -> None:
        if not self._waiting:
            return
        batch, self._waiting = self._waiting, Counter()
        try:
            async with self._db.tx() as tx:
                await record_refusals(tx, batch)
        except Exception as error:
            # Whatever it was: nobody starts this task again, and the trail must not end here.
            self._waiting.update(batch)
            _LOG.warning("refusals wait for the database", kinds=len(self._waiting), error=type(error).__name__)
