"""SQL of notices, and of the little that is known about cases."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncpg import Record

from chassis.db import Tx
from chassis.ids import new_id
from notify.domain.digest import Notice

_KNOW = """
INSERT INTO known_cases (case_id, number, urgent)
SELECT DISTINCT ON (1) * FROM unnest($1::uuid[], $2::text[], $3::bool[])
ON CONFLICT (case_id) DO UPDATE SET number = EXCLUDED.number, urgent = EXCLUDED.urgent WHERE known_cases.number = ''
"""

# Its closing may be told before its opening; news of one case may come in any order.
_CLOSED = """
INSERT INTO known_cases AS k (case_id, number, urgent, closed, sequence)
SELECT DISTINCT ON (case_id) case_id, '', false, closed, sequence
FROM unnest($1::uuid[], $2::bool[], $3::int[]) AS n(case_id, closed, sequence) ORDER BY case_id, sequence DESC
ON CONFLICT (case_id) DO UPDATE SET closed = EXCLUDED.closed, sequence = EXCLUDED.sequence
WHERE k.sequence < EXCLUDED.sequence
"""

_ADD = """
INSERT INTO notices (notice_id, kind, person_id, task_id, case_id, event_id, number, task_kind, due_at,
                     created_at, ready_at)
SELECT n.notice_id, n.kind, n.person_id, n.task_id, n.case_id, n.event_id, n.number, n.task_kind, n.due_at,
       $11::timestamptz, CASE WHEN n.at_once OR c.urgent THEN $11::timestamptz ELSE $11::timestamptz + $12::interval END
FROM unnest($1::uuid[], $2::text[], $3::text[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[],
            $9::timestamptz[], $10::bool[])
     AS n(notice_id, kind, person_id, task_id, case_id, event_id, number, task_kind, due_at, at_once)
LEFT JOIN known_cases c USING (case_id)
ON CONFLICT DO NOTHING
"""

# Everything that waits for a person goes out with the first notice that is due.
_READY = """
SELECT n.notice_id, n.kind, n.person_id, n.task_id, n.case_id, coalesce(n.number, c.number) AS number, n.task_kind,
       n.due_at
FROM notices n LEFT JOIN known_cases c USING (case_id)
WHERE n.delivery_id IS NULL AND (n.person_id, n.kind) IN (
  SELECT person_id, kind FROM notices WHERE delivery_id IS NULL AND ready_at <= $1)
ORDER BY n.person_id, n.kind LIMIT $2
"""

_BIND = """
UPDATE notices n SET delivery_id = b.delivery_id
FROM unnest($1::uuid[], $2::uuid[]) AS b(notice_id, delivery_id) WHERE n.notice_id = b.notice_id
"""


@dataclass(frozen=True)
class NewNotice:
    kind: str
    person_id: str
    task_id: str
    case_id: str | None
    event_id: str
    number: str | None
    task_kind: str
    due_at: datetime | None
    at_once: bool


@dataclass(frozen=True)
class KnownCase:
    case_id: str
    number: str
    urgent: bool


async def remember_cases(tx: Tx, cases: Sequence[KnownCase]) -> None:
    columns = [[getattr(case, field) for case in cases] for field in ("case_id", "number", "urgent")]
    await tx.execute(_KNOW, *columns)


async def remember_ends(tx: Tx, ends: Sequence[tuple[str, bool, int]]) -> None:
    """(case, whether it is closed now, sequence of the news)."""
    if ends:
        await tx.execute(_CLOSED, *map(list, zip(*ends, strict=True)))


async def add(tx: Tx, new: Sequence[NewNotice], wait: timedelta) -> None:
    """Those `at_once` and those of urgent cases are due now, the others after `wait`. Known ones are left out."""
    if not new:
        return
    fields = ("kind", "person_id", "task_id", "case_id", "event_id", "number", "task_kind", "due_at", "at_once")
    columns = [[getattr(notice, field) for notice in new] for field in fields]
    await tx.execute(_ADD, [new_id() for _ in new], *columns, tx.now, wait)


async def ready(tx: Tx, limit: int) -> list[Notice]:
    """What waits for those persons who must be written to now; nothing while another replica gathers."""
    if not await tx.fetchval("SELECT pg_try_advisory_xact_lock(hashtext('notify.digests'))"):
        return []
    return [_notice(row) for row in await tx.fetch(_READY, tx.now, limit)]


def _notice(row: Record) -> Notice:
    case_id = row["case_id"]
    return Notice(
        notice_id=str(row["notice_id"]),
        kind=row["kind"],
        person_id=row["person_id"],
        task_id=str(row["task_id"]),
        case_id=str(case_id) if case_id else None,
        number=row["number"],
        task_kind=row["task_kind"],
        due_at=row["due_at"],
    )


async def bind(tx: Tx, bindings: Iterable[tuple[str, str]]) -> None:
    """Notes the digest (second) that each notice (first) went into."""
    notice_ids, delivery_ids = zip(*bindings, strict=True)
    await tx.execute(_BIND, notice_ids, delivery_ids)
