from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from chassis.errors import Unavailable
from gateway.app.access_audit import Refused
from gateway.edge.security_audit import SecurityAudit
from gateway.metrics import EdgeMetrics

REFUSED = Refused("anonymous", "GET", "/v1/cases", "unauthenticated", 401, "192.0.2.7")


class Database:
    """Refuses every transaction until it is healed."""

    def __init__(self, error: Exception) -> None:
        self.error: Exception | None = error
        self.locked: list[str] = []
        self.entries: list[dict[str, Any]] = []

    @asynccontextmanager
    async def tx(self) -> Any:
        if self.error is not None:
            raise self.error
        yield self

    async def execute(self, _sql: str, lock: str) -> None:
        self.locked.append(lock)

    def audit(self, **entry: Any) -> None:
        self.entries.append(entry)


@pytest.mark.parametrize("error", [Unavailable("away"), ValueError("nobody expected this")])
async def test_refusals_wait_for_the_database_whatever_is_wrong_with_it(error: Exception) -> None:
    db: Any = Database(error)
    audit = SecurityAudit(db, EdgeMetrics(CollectorRegistry()))
    audit.note(REFUSED)
    audit.note(REFUSED)
    await audit.flush()
    assert db.entries == []
    db.error = None
    await audit.flush()
    await audit.flush()
    (entry,) = db.entries
    assert entry["changes"]["times"] == [None, 2]
    assert db.locked == ["access:anonymous"]
