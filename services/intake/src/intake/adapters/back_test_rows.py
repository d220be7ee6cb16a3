"""Reads the complaints of a back-test slice by slice, with what was found around each when it was graded last."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.db import Tx
from intake.domain.complaint import QUESTIONS_ASKED

START = UUID(int=0)
_SLICE = f"""
SELECT c.complaint_id, c.number, c.t_registered, c.t_received, c.customer_ref, c.customer_deadline, c.quantity,
  c.safety_not_asked, {", ".join(f"c.{name}" for name in QUESTIONS_ASKED)}, c.grade, c.cell, c.lot_key, c.signature_base,
  coalesce((g.inputs ->> 'same_lot')::int, 1) AS same_lot, g.inputs ->> 'repeat_r1' = 'yes' AS repeat_r1,
  g.inputs ->> 'rate_exceeded' = 'yes' AS rate_exceeded, g.source = 'override' AS by_hand
FROM complaints c CROSS JOIN LATERAL
  (SELECT inputs, source FROM gradings WHERE complaint_id = c.complaint_id ORDER BY n DESC LIMIT 1) AS g
WHERE c.t_registered >= $1 AND c.t_registered < $2 AND c.state <> 'merged' AND (c.t_registered, c.complaint_id) > ($1, $3)
ORDER BY c.t_registered, c.complaint_id LIMIT $4
"""  # noqa: S608, E501 - a statement, of our own names
_EARLIER = """
SELECT complaint_id, t_registered, t_received, lot_key, cell, signature_base FROM complaints
WHERE t_registered >= $1 AND t_registered < $2 AND state <> 'merged' AND (t_registered, complaint_id) > ($1, $3)
ORDER BY t_registered, complaint_id LIMIT $4
"""


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


async def earlier_after(tx: Tx, after: tuple[datetime, UUID], until: datetime, size: int) -> list[dict[str, Any]]:
    """What is only a neighbour of the complaints of the period; in the order of registration."""
    return [dict(row) for row in await tx.fetch(_EARLIER, after[0], until, after[1], size)]


async def customer_keys(tx: Tx, ids: Sequence[UUID]) -> dict[UUID, list[str]]:
    """Complaint -> digests of its customer's number and addresses."""
    rows = await tx.fetch(
        "SELECT complaint_id, array_agg(key) AS keys FROM customer_keys WHERE complaint_id = ANY($1::uuid[])"
        " GROUP BY complaint_id",
        ids,
    )
    return {row["complaint_id"]: row["keys"] for row in rows}
