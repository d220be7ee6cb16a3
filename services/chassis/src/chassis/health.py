"""Readiness that tells the truth: schema at head or beyond and PostgreSQL reachable decide; NATS is reported.

Without NATS a service still accepts: events wait in the outbox. Taking every pod out of its Service then would turn
a delay into an outage.
"""

import time

from chassis import logs
from chassis.bus import Bus
from chassis.db import Database
from chassis.errors import RedressError, SchemaBehind
from chassis.metrics import Metrics
from chassis.revisions import Revisions
from chassis.start_failures import certificate_refused

_LOG = logs.get("health")
_KEEP_S = 1.0
_DOWN = "down"


class Health:
    def __init__(self, db: Database, bus: Bus, metrics: Metrics, revisions: Revisions) -> None:
        self._db = db
        self._bus = bus
        self._metrics = metrics
        self._revisions = revisions
        self._schema = "unknown"
        self._known: tuple[float, str] = (0.0, "")
        self.serving = False

    async def check(self) -> tuple[bool, dict[str, str]]:
        database = await self._database()
        lacking = str(self._bus.unprovisioned)
        nats = f"connected; {lacking}; provision NATS" if lacking else "ok"
        checks = {
            "database": database,
            "schema": self._schema,
            "nats": nats if self._bus.ready.is_set() else "down: events wait in the outbox",
            "service": "ok" if self.serving else "not serving",
        }
        return self.serving and database == "ok", checks

    async def refresh(self) -> None:
        """Gauges of what lies in the store, read when they are asked for."""
        database = await self._database()
        self._metrics.database_up.set(0 if database.startswith(_DOWN) else 1)
        self._metrics.ready.set(1 if self.serving and database == "ok" else 0)
        used, size = self._db.pool_state()
        self._metrics.pool_used.set(used)
        self._metrics.pool_size.set(size)
        if not database.startswith(_DOWN):
            self._metrics.schema_current.set(1 if database == "ok" else 0)
        if database == "ok":
            await self._gauges()

    async def _gauges(self) -> None:
        async with self._db.read() as tx:
            row = await tx.fetchrow(
                "SELECT count(*) AS pending, coalesce(extract(epoch FROM now() - min(created_at)), 0) AS age,"
                " (SELECT count(*) FROM dead_letter WHERE coalesce(replayed_at, discarded_at) IS NULL) AS parked,"
                " (SELECT count(*) FROM outbox_default) AS unplanned FROM outbox WHERE stream_seq IS NULL"
            )
        assert row is not None
        self._metrics.outbox_pending.set(row["pending"])
        self._metrics.outbox_age.set(float(row["age"]))
        self._metrics.dead_letters.set(row["parked"])
        self._metrics.default_partition_rows.set(row["unplanned"])
        self._metrics.clock_ahead.set(self._db.clock.ahead_s())

    async def _database(self) -> str:
        at, verdict = self._known
        if time.monotonic() - at > _KEEP_S:
            before, verdict = verdict, await self._ask()
            self._known = (time.monotonic(), verdict)
            if verdict != before:
                _LOG.info("database", state=verdict, schema=self._schema)
        return verdict

    async def _ask(self) -> str:
        try:
            async with self._db.read() as tx:
                revision = await tx.fetchval("SELECT version_num FROM alembic_version")
        except SchemaBehind:
            return "schema is missing; run migrate"
        except RedressError as error:
            return f"{_DOWN}: {certificate_refused(error) or error.detail}"
        self._schema = self._revisions.told(revision)
        return self._revisions.judged(revision)
