"""Reads the complaints of a back-test slice by slice, with what was found around each when it was graded last."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from chassis.db import Tx
from intake.domain.complaint import QUESTIONS_ASKED

START = UUID(int=0)
_SLICE = f"""
SELECT c.complaint_id, c.number, c.t_registered, c.t_received, c.customer_ref, c.customer_deadline, c.quantity,
  c.safety_not_asked, {", ".join(f"c.{name}" for name in QUESTIONS_ASKED)}, c.grade, c.cell, c.lot_key,
  coalesce((g.inputs ->> 'same_lot')::int, 1) AS same_lot, g.inputs ->> 'repeat_r1' = 'yes' AS repeat_r1,
  g.inputs ->> 'rate_exceeded' = 'yes' AS rate_exceeded, g.source = 'override' AS by_hand
FROM complaints c CROSS JOIN LATERAL
  (SELECT inputs, source FROM gradings WHERE complaint_id = c.complaint_id ORDER BY n DESC LIMIT 1) AS g
WHERE c.t_registered >= $1 AND c.t_registered < $2 AND c.state <> 'merged' AND (c.t_registered, c.complaint_id) > ($1, $3)
ORDER BY c.t_registered, c.complaint_id LIMIT $4
"""  # noqa: S608, E501 - a statement, of our own names
_EARLIER = "(o.t_registered, o.complaint_id) < (c.t_registered, c.complaint_id) AND o.state <> 'merged'"
_OF_LOTS = f"""
SELECT c.complaint_id, (SELECT count(*) FROM (SELECT FROM complaints o WHERE o.lot_key = c.lot_key
  AND o.t_received BETWEEN c.t_received - $2::interval AND c.t_received + $2::interval AND {_EARLIER} LIMIT $3) AS x) AS n
FROM complaints c WHERE c.complaint_id = ANY($1::uuid[]) AND c.lot_key IS NOT NULL
"""  # noqa: S608, E501 - a statement
_OF_CUSTOMERS = f"""
SELECT c.complaint_id, bool_or(abs(extract(epoch FROM o.t_received - c.t_received)) > $3) AS beyond
FROM complaints c JOIN customer_keys mine ON mine.complaint_id = c.complaint_id
JOIN customer_keys theirs ON theirs.key = mine.key AND theirs.complaint_id <> mine.complaint_id
  AND theirs.t_received BETWEEN c.t_received - $2::interval AND c.t_received + $2::interval
JOIN complaints o ON o.complaint_id = theirs.complaint_id AND o.signature_base = c.signature_base AND {_EARLIER}
WHERE c.complaint_id = ANY($1::uuid[]) AND c.cell IS NOT NULL GROUP BY c.complaint_id
"""  # noqa: S608 - a statement


async def count(tx: Tx, since: datetime, until: datetime) -> int:
    found: int = await tx.fetchval(
        "SELECT count(*) FROM complaints WHERE t_registered >= $1 AND t_registered < $2 AND state <> 'merged'",
        since,
        until,
    )
    return found


async def slice_after(tx: Tx, after: tuple[datetime, UUID], until: datetime, size: int) -> list[dict[str, Any]]:
    """In the order of registration."""
    return [dict(row) for row in await tx.fetch(_SLICE, after[0], until, after[1], size)]


async def same_lots(tx: Tx, ids: Sequence[UUID], reach: timedelta, most: int) -> dict[UUID, int]:
    """Complaint -> earlier ones of its lot within reach; counting stops at `most`."""
    return {row["complaint_id"]: row["n"] for row in await tx.fetch(_OF_LOTS, ids, reach, most)}


async def same_customers(tx: Tx, ids: Sequence[UUID], reach: timedelta, duplicates: timedelta) -> dict[UUID, bool]:
    """Complaint -> whether an earlier one of the same customer and signature within reach lies beyond the window of
    duplicates; those that have none at all are missing."""
    rows = await tx.fetch(_OF_CUSTOMERS, ids, reach, duplicates.total_seconds())
    return {row["complaint_id"]: row["beyond"] for row in rows}


async def days_before(tx: Tx, since: datetime, reach: timedelta) -> list[tuple[str, date, int]]:
    """(cell, day of receipt, complaints) of what was registered before the period and received within reach of it."""
    rows = await tx.fetch(
        "SELECT cell, (t_received AT TIME ZONE 'UTC')::date AS day, count(*) AS n FROM complaints"
        " WHERE t_registered < $1 AND t_received >= $2 AND cell IS NOT NULL AND state <> 'merged' GROUP BY 1, 2",
        since,
        since - reach,
    )
    return [(row["cell"], row["day"], row["n"]) for row in rows]
