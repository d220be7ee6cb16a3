"""What capa has, computed from the store: a restart or a second replica changes no number."""

from prometheus_client import CollectorRegistry, Gauge

from chassis.db import Database


class Backlog:
    def __init__(self, db: Database, registry: CollectorRegistry) -> None:
        self._db = db
        self._rcas = Gauge("redress_capa_rcas", "Root cause analyses", ["state"], registry=registry)
        self._capas = Gauge("redress_capa_capas", "CAPAs", ["state"], registry=registry)
        self._overdue = Gauge("redress_capa_actions_overdue", "Open actions past their deadline", registry=registry)
        self._due = Gauge("redress_capa_checks_due", "Windows that are over and have no verdict", registry=registry)
        self._knowledge = Gauge("redress_capa_knowledge_cases", "Knowledge cases", registry=registry)

    async def measure(self) -> None:
        async with self._db.read() as tx:
            for gauge, table in ((self._rcas, "rcas"), (self._capas, "capas")):
                rows = await tx.fetch(f"SELECT state, count(*) AS n FROM {table} GROUP BY state")  # noqa: S608
                gauge.clear()  # only now: nobody may read it while it is empty
                for row in rows:
                    gauge.labels(row["state"]).set(row["n"])
            self._overdue.set(await tx.fetchval(_OVERDUE, tx.now))
            self._due.set(await tx.fetchval(_DUE, tx.now))
            self._knowledge.set(await tx.fetchval("SELECT count(*) FROM knowledge"))


_OVERDUE = "SELECT count(*) FROM actions WHERE state = 'assigned' AND due_current < $1"
_DUE = """
SELECT count(*) FROM capas
WHERE state IN ('verifying', 'insufficient_exposure')
  AND implemented_at + make_interval(days => (plan->>'window_days')::int * (1 + window_extensions)) < $1
"""
