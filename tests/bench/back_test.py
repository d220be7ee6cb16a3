"""How long a grading table takes over 100,000 complaints: read, graded by both tables, changes listed and kept.

`python -m tests.bench.back_test` measures it on a database of its own. A thousand complaints are registered by the
service's own use case and multiplied in its tables; one back-test goes by what was found at registration, one looks
for lots, repeats and rates anew because the draft's parameters differ.
"""

import asyncio
import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from chassis.call import Call
from chassis.db import Database
from chassis.sealing import Sealer, new_key
from intake.app.grading import back_tests, drafts
from intake.app.grading.back_test_run import RunBackTests
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.register import Register
from intake.domain.complaint import QUESTIONS_ASKED, Submission
from redress.intake.v1 import grading_pb2 as pb
from stack.testing import MigratedDatabases, embedded_or_container_infra

COMPLAINTS = 100_000
PROMISED_S = 30.0
_REGISTERED = 1_000
_GROUP = 200
_CALL = Call(actor="bench", roles=frozenset({"quality"}))
# Copies lie further and further back, within the months that are tested.
_MULTIPLY = """
CREATE TEMP TABLE copies AS
  SELECT complaint_id AS original, uuidv7() AS copy_id, n FROM complaints CROSS JOIN generate_series(1, $n) n;
INSERT INTO complaints SELECT r.* FROM complaints c JOIN copies ON original = c.complaint_id
  CROSS JOIN LATERAL jsonb_populate_record(c, jsonb_build_object('complaint_id', copy_id, 'external_id', NULL,
    'number', 'C26-' || lpad(nextval('complaint_number')::text, 7, '0'),
    't_registered', t_registered - n * interval '21 h', 't_received', t_received - n * interval '21 h')) r;
INSERT INTO gradings SELECT r.* FROM gradings g JOIN copies ON original = g.complaint_id
  CROSS JOIN LATERAL jsonb_populate_record(g, jsonb_build_object('complaint_id', copy_id)) r;
INSERT INTO customer_keys SELECT k.key, k.t_received - n * interval '21 h', copy_id
  FROM customer_keys k JOIN copies ON original = k.complaint_id;
DROP TABLE copies;
ANALYZE complaints; ANALYZE gradings; ANALYZE customer_keys;
"""
DRAFTS: dict[str, Callable[[dict[str, Any]], object]] = {
    "as found at registration": lambda d: d["rows"].pop(5),
    "looked up anew": lambda d: d["parameters"].update(
        same_lot_k=5, repeat_window_days=180, rate_factor=3.0, rate_window_days=14
    ),
}


@dataclass(frozen=True)
class Measured:
    name: str
    complaints: int
    seconds: float
    cpu_seconds: float
    """Of this process, which evaluates; PostgreSQL's share is the rest."""
    changed: int
    vectors: int
    recomputed: list[str]

    def line(self) -> str:
        per_s = self.complaints / self.seconds
        return (
            f"back-test, {self.name}: {self.complaints:,} complaints in {self.seconds:.1f} s ({per_s:,.0f}/s),"
            f" {self.cpu_seconds:.1f} s CPU here; {self.changed:,} change, {self.vectors} distinct inputs"
        )


async def measured(db: Database, migrate_dsn: str, complaints: int = COMPLAINTS) -> list[Measured]:
    """Fills the database, which must be intake's and empty, and runs both back-tests."""
    await _fill(db, migrate_dsn, complaints)
    return [await _run(db, name, change) for name, change in DRAFTS.items()]


async def _fill(db: Database, migrate_dsn: str, complaints: int) -> None:
    register, made = Register(db, Registrars()), random.Random(5)
    for _ in range(_REGISTERED // _GROUP):
        await register([Item(_CALL, _complaint(made)) for _ in range(_GROUP)])
    conn = await asyncpg.connect(migrate_dsn)
    try:
        await conn.execute(_MULTIPLY.replace("$n", str(complaints // _REGISTERED - 1)))
    finally:
        await conn.close()


def _complaint(made: random.Random) -> Submission:
    answers: dict[str, Any] = {name: made.choices(("no", "yes", "unknown"), (90, 5, 5))[0] for name in QUESTIONS_ASKED}
    return Submission(
        channel="phone",
        description=f"It stopped after {made.randrange(900)} hours of work",
        product_family=f"P{made.randrange(40)}",
        defect_code=f"d{made.randrange(30)}",
        lot=f"L{made.randrange(400)}",
        customer_name="Bench",
        customer_ref=f"K{made.randrange(500)}",
        t_received=datetime.now(UTC) - timedelta(hours=made.randrange(20)),
        **answers,
    )


async def _run(db: Database, name: str, change: Callable[[dict[str, Any]], object]) -> Measured:
    async with db.tx() as tx:
        draft = await drafts.create_draft(tx, _CALL, pb.CreateGradingDraftRequest(title=name))
        document = json.loads(draft.document)
        change(document)
        text = json.dumps(document)
        await drafts.save_draft(
            tx, _CALL, pb.SaveGradingDraftRequest(draft_id=draft.draft_id, if_version=1, document=text)
        )
        asked = await back_tests.start(tx, _CALL, pb.StartBackTestRequest(draft_id=draft.draft_id, months=6))
    begun, cpu = time.perf_counter(), time.process_time()
    await RunBackTests(db)()
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
    async with db.read() as tx:
        done = await back_tests.get_back_test(tx, _CALL, pb.GetBackTestRequest(back_test_id=asked.back_test_id))
    assert done.state == "done", done.error
    return Measured(name, done.done, seconds, cpu, done.changed, done.input_vectors, list(done.recomputed))


async def on_a_database_of_its_own(complaints: int = COMPLAINTS) -> list[Measured]:
    with embedded_or_container_infra() as infra, MigratedDatabases(infra).fresh("intake") as dsns:
        db = Database(dsns.runtime, sealer=Sealer(new_key()))
        try:
            return await measured(db, dsns.migrate, complaints)
        finally:
            await db.close()


if __name__ == "__main__":
    for one in asyncio.run(on_a_database_of_its_own()):
        sys.stdout.write(f"{one.line()}\n")
