"""SQL of deliveries: hot, so one statement for a whole batch."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from asyncpg import Record

from chassis.db import Tx
from chassis.ids import new_id
from notify.domain.delivery import Settlement

_ADD = """
INSERT INTO deliveries (delivery_id, kind, template, facts, case_id, event_id, task_id, person_id, language,
                        template_version, state, error, created_at, next_attempt_at)
SELECT d.delivery_id, d.kind, d.kind, d.facts, d.case_id, d.event_id, d.task_id, d.person_id, d.language,
       $9, $10::text, $11, $12::timestamptz, CASE WHEN $10::text = 'pending' THEN $12::timestamptz END
FROM unnest($1::uuid[], $2::text[], $3::jsonb[], $4::uuid[], $5::uuid[], $6::uuid[], $7::text[], $8::text[])
     AS d(delivery_id, kind, facts, case_id, event_id, task_id, person_id, language)
ON CONFLICT DO NOTHING
"""

# One index serves both: `next_attempt_at` of a claimed row is the moment its claim runs out. Materialized, because a
# nested loop would run a sub-select again for each row and claim more than the limit.
_CLAIM = """
WITH due AS MATERIALIZED (
  SELECT delivery_id FROM deliveries WHERE next_attempt_at <= now()
  ORDER BY next_attempt_at LIMIT $3 FOR UPDATE SKIP LOCKED)
UPDATE deliveries d SET state = 'sending', claim = $1, next_attempt_at = now() + $2::interval
FROM due WHERE d.delivery_id = due.delivery_id
RETURNING d.delivery_id, kind, template, template_version, facts, case_id, task_id, person_id, language, attempts
"""

# The claim fences: a sender that was stopped past its claim settles nothing.
_SETTLE = """
UPDATE deliveries d SET state = s.state, attempts = s.attempts, next_attempt_at = s.next_attempt_at,
  sent_at = s.sent_at, error = s.error, language = s.language, message_id = s.message_id,
  claim = NULL, version = d.version + 1
FROM unnest($2::uuid[], $3::text[], $4::int[], $5::timestamptz[], $6::timestamptz[], $7::text[], $8::text[], $9::text[])
     AS s(delivery_id, state, attempts, next_attempt_at, sent_at, error, language, message_id)
WHERE d.delivery_id = s.delivery_id AND d.claim = $1
RETURNING d.delivery_id, d.version
"""

_LOG = """
INSERT INTO delivery_attempts (delivery_id, at, ok, answer)
SELECT * FROM unnest($1::uuid[], $2::timestamptz[], $3::bool[], $4::text[])
"""

_SKIP_WAITING = """
UPDATE deliveries SET state = 'skipped', error = $1, claim = NULL, next_attempt_at = NULL, version = version + 1
WHERE next_attempt_at <= now()
"""


@dataclass(frozen=True)
class NewDelivery:
    kind: str
    facts: Mapping[str, Any]
    case_id: str | None
    event_id: str | None = None
    task_id: str | None = None
    person_id: str | None = None
    language: str | None = None
    delivery_id: str = ""


@dataclass(frozen=True)
class Settled:
    """One claimed row and what became of it; `message_id` and `language` as it was written."""

    delivery_id: str
    settlement: Settlement
    language: str | None
    message_id: str


@dataclass(frozen=True)
class Attempt:
    delivery_id: str
    at: datetime
    ok: bool
    answer: str


async def add(tx: Tx, new: Sequence[NewDelivery], template_version: int, *, skip: str = "") -> None:
    """Adds them as pending, or as skipped for the reason `skip`. One that answers a known event is left out."""
    if not new:
        return
    fields = ("kind", "facts", "case_id", "event_id", "task_id", "person_id", "language")
    columns = [[getattr(delivery, field) for delivery in new] for field in fields]
    ids = [delivery.delivery_id or new_id() for delivery in new]
    await tx.execute(_ADD, ids, *columns, template_version, "skipped" if skip else "pending", skip, tx.now)


async def claim(tx: Tx, claim_id: str, lease: timedelta, limit: int) -> list[Record]:
    """Up to `limit` rows that are due, now this sender's until the lease runs out."""
    return await tx.fetch(_CLAIM, claim_id, lease, limit)


async def settle(tx: Tx, claim_id: str, settled: Sequence[Settled]) -> dict[str, int]:
    """Version after the change by delivery id, of those rows that were still this claim's."""
    ends = [
        [getattr(s.settlement, field) for s in settled]
        for field in ("state", "attempts", "next_attempt_at", "sent_at", "error")
    ]
    letters = [[getattr(s, field) for s in settled] for field in ("language", "message_id")]
    columns = [[s.delivery_id for s in settled], *ends, *letters]
    return {str(row["delivery_id"]): row["version"] for row in await tx.fetch(_SETTLE, claim_id, *columns)}


async def log(tx: Tx, attempts: Sequence[Attempt]) -> None:
    if not attempts:
        return
    columns = [[getattr(a, field) for a in attempts] for field in ("delivery_id", "at", "ok", "answer")]
    await tx.execute(_LOG, *columns)


async def skip_waiting(tx: Tx, reason: str) -> None:
    """For rows that waited when delivery was switched off."""
    await tx.execute(_SKIP_WAITING, reason)
