"""Where outbox and stream last agree: the same event under the same stream sequence."""

from uuid import UUID

import asyncpg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError


async def message_id(js: JetStreamContext, stream: str, sequence: int) -> str | None:
    """The event id stored under a stream sequence; None where there is no message or it is not ours."""
    try:
        message = await js.get_msg(stream, seq=sequence)
    except NotFoundError:
        return None
    value = (message.headers or {}).get("Nats-Msg-Id", "")
    try:
        return str(UUID(value))
    except ValueError:
        return None


async def last_agreement(js: JetStreamContext, stream: str, conn: asyncpg.Connection) -> int | None:
    """The highest stream sequence on which both agree, or None when nothing has to be sent again.

    What aged out of the stream below its first sequence counts as agreed. Agreement is a prefix: a store loses its
    tail, never its middle; so doubling steps back and then halving finds its end.
    """
    state = (await js.stream_info(stream)).state
    top = await _at_most(conn, 2**62)
    if top is None or await _agrees(js, stream, state.first_seq, top):
        return None
    low, high, step = 0, top["stream_seq"], 1
    while (row := await _at_most(conn, high - step)) is not None:
        if await _agrees(js, stream, state.first_seq, row):
            low = row["stream_seq"]
            break
        high, step = row["stream_seq"], step * 2
    return await _halve(js, stream, state.first_seq, conn, low, high)


async def _halve(js: JetStreamContext, stream: str, first: int, conn: asyncpg.Connection, low: int, high: int) -> int:
    """Agreement at `low` (0: none known), disagreement at `high`."""
    while (row := await _at_most(conn, low + (high - low) // 2)) is not None and row["stream_seq"] > low:
        if await _agrees(js, stream, first, row):
            low = row["stream_seq"]
        else:
            high = row["stream_seq"]
    nxt = await conn.fetchrow(
        "SELECT stream_seq, id FROM outbox WHERE stream_seq > $1 AND stream_seq < $2 ORDER BY stream_seq LIMIT 1",
        low,
        high,
    )
    if nxt is not None and await _agrees(js, stream, first, nxt):
        return await _halve(js, stream, first, conn, nxt["stream_seq"], high)
    return low


async def _at_most(conn: asyncpg.Connection, sequence: int) -> asyncpg.Record | None:
    return await conn.fetchrow(
        "SELECT stream_seq, id FROM outbox WHERE stream_seq <= $1 ORDER BY stream_seq DESC LIMIT 1", sequence
    )


async def _agrees(js: JetStreamContext, stream: str, first: int, row: asyncpg.Record) -> bool:
    sequence = row["stream_seq"]
    found = await message_id(js, stream, sequence)
    return found == str(row["id"]) or (found is None and sequence < first)
