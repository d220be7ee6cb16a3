"""Events that no retry could handle, parked with their error, counted, and replayed or discarded by an operator."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from chassis import inbox
from chassis.db import Tx
from chassis.envelope import Undecodable, decode
from chassis.errors import Conflict
from chassis.ids import new_id
from chassis.logs import without_values


@dataclass(frozen=True)
class Parked:
    stream: str
    stream_seq: int
    event_id: str
    type: str
    subject: str
    body: bytes
    error: str
    deliveries: int


async def park(tx: Tx, consumer: str, parked: Parked) -> None:
    await tx.execute(
        "INSERT INTO dead_letter AS d (id, consumer, stream, stream_seq, event_id, type, subject, body, error,"
        " deliveries, parked_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (consumer, event_id) DO UPDATE SET error = excluded.error, parked_at = excluded.parked_at,"
        " deliveries = d.deliveries + excluded.deliveries, replayed_at = NULL",
        new_id(),
        consumer,
        parked.stream,
        parked.stream_seq,
        parked.event_id,
        parked.type,
        parked.subject,
        parked.body,
        _kept(parked.error),
        parked.deliveries,
        tx.now,
    )


def name_of(stream: str, stream_seq: int, body: bytes) -> str:
    """Stands for the id of a message that has none we can read. The sequence alone would name another message once
    the stream was lost and filled again."""
    return f"{stream}/{stream_seq}/{hashlib.sha256(body).hexdigest()[:16]}"


async def mark_replayed(tx: Tx, dead_letter_id: str, at: datetime) -> None:
    await tx.execute("UPDATE dead_letter SET replayed_at = $2 WHERE id = $1", dead_letter_id, at)


async def discard(tx: Tx, dead_letter_id: str, reason: str) -> None:
    """For good: the event counts as taken in, so that no resend brings it back. Raises Conflict when it is settled."""
    row = await tx.fetchrow(
        "UPDATE dead_letter SET discarded_at = $2, discard_reason = $3"
        " WHERE id = $1 AND coalesce(replayed_at, discarded_at) IS NULL RETURNING consumer, body",
        dead_letter_id,
        tx.now,
        reason,
    )
    if row is None:
        raise Conflict("already_settled", "it was replayed or discarded before")
    try:
        event = decode(row["body"])
    except Undecodable:
        return
    await inbox.claim(tx, row["consumer"], [event])


async def mark_failed_again(tx: Tx, dead_letter_id: str, error: str) -> None:
    await tx.execute(
        "UPDATE dead_letter SET error = $2, deliveries = deliveries + 1, parked_at = $3 WHERE id = $1",
        dead_letter_id,
        _kept(error),
        tx.now,
    )


def _kept(error: str) -> str:
    """Operators read it: no row of somebody's data, and no NUL, which PostgreSQL has not."""
    return without_values(error)[:2000]
