"""Exactly one effect per event: its id is inserted in the reaction's own transaction."""

from collections.abc import Sequence
from typing import Any

from chassis.db import Tx
from chassis.envelope import Received


async def claim(tx: Tx, consumer: str, events: Sequence[Received[Any]]) -> list[Received[Any]]:
    """The events not handled before, in their order, each once. Inserted sorted: two replicas never deadlock."""
    ordered = sorted(events, key=lambda e: (e.time, e.event_id))
    rows = await tx.fetch(
        "INSERT INTO inbox (consumer, event_time, event_id, type, handled_at)"
        " SELECT $1, e.*, $5 FROM unnest($2::timestamptz[], $3::uuid[], $4::text[]) AS e"
        " ON CONFLICT DO NOTHING RETURNING event_id",
        consumer,
        [e.time for e in ordered],
        [e.event_id for e in ordered],
        [e.type for e in ordered],
        tx.now,
    )
    fresh = {str(row["event_id"]) for row in rows}
    kept = []
    for event in events:
        if event.event_id in fresh:
            fresh.discard(event.event_id)
            kept.append(event)
    return kept
