"""Ledgers: what a service has, paged in a stable order, so that `redressctl verify` can compare services."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

import asyncpg

from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.paging import decode_cursor, encode_cursor, not_a_cursor

DEFAULT = 5000
MAX = 10_000


@dataclass(frozen=True)
class LedgerRow:
    id: str
    kind: str
    subject: str
    sequence: int
    at: datetime | None
    after: tuple[str | int, ...]
    """What the next page starts behind; a cursor of such values is given back to the ledger."""


Ledger = Callable[[Tx, tuple[object, ...] | None, int], Awaitable[list[LedgerRow]]]
"""(tx, values of the cursor or None, limit) -> rows in order."""


async def page(ledger: Ledger, tx: Tx, cursor: str, limit: int) -> tuple[list[LedgerRow], str]:
    """Raises Invalid for a limit below 0 and for a cursor of another ledger; a limit above MAX is cut to it."""
    if limit < 0:
        raise Invalid("a page has rows", [FieldError("limit", f"1..{MAX}")])
    limit = min(limit or DEFAULT, MAX)
    try:
        rows = await ledger(tx, decode_cursor(cursor), limit)
    except (asyncpg.DataError, IndexError, TypeError, ValueError) as error:
        if not cursor:
            raise
        # What a ledger's cursor holds only that ledger knows; PostgreSQL says that it does not fit.
        raise not_a_cursor() from error
    return rows, encode_cursor(*rows[-1].after) if len(rows) == limit else ""


async def _outbox(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    rows = await tx.fetch(
        "SELECT seq, id, type, subject, stream_seq, created_at FROM outbox WHERE seq > $1 ORDER BY seq LIMIT $2",
        after[0] if after else 0,
        limit,
    )
    return [
        LedgerRow(str(r["id"]), r["type"], r["subject"], r["stream_seq"] or 0, r["created_at"], (r["seq"],))
        for r in rows
    ]


async def _inbox(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    rows = await tx.fetch(
        "SELECT event_id, type, consumer, event_time FROM inbox WHERE event_id > $1::uuid ORDER BY event_id LIMIT $2",
        after[0] if after else "00000000-0000-0000-0000-000000000000",
        limit,
    )
    return [
        LedgerRow(str(r["event_id"]), r["type"], r["consumer"], 0, r["event_time"], (str(r["event_id"]),)) for r in rows
    ]


async def _dead_letters(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    rows = await tx.fetch(
        "SELECT id, event_id, type, subject, stream_seq, parked_at FROM dead_letter"
        " WHERE coalesce(replayed_at, discarded_at) IS NULL AND id > $1::uuid ORDER BY id LIMIT $2",
        after[0] if after else "00000000-0000-0000-0000-000000000000",
        limit,
    )
    return [
        LedgerRow(r["event_id"], r["type"], r["subject"], r["stream_seq"], r["parked_at"], (str(r["id"]),))
        for r in rows
    ]


COMMON: Mapping[str, Ledger] = {"outbox": _outbox, "inbox": _inbox, "dead_letters": _dead_letters}
