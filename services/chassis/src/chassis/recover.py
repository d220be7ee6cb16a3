"""`python -m <service> recover`: after its database was put back to an earlier state, before the service serves again.

The stream may hold events of the time that is gone. Consumers have acknowledged some of them, and their databases, put
back as well, know nothing of it; NATS would never deliver those again. So the stream begins anew and the whole outbox
is sent into it: what a consumer's inbox knows is skipped, the rest has its effect. Numbers that people were told in
the lost time are skipped, or the next complaint would get one that already stands in somebody else's letter.
"""

from contextlib import suppress
from dataclasses import dataclass, replace

import asyncpg
from nats.js import JetStreamContext
from nats.js.errors import NotFoundError

from chassis import logs, nats_client
from chassis.envelope import Undecodable, decode
from chassis.settings import RecoverSettings
from redress.catalog import OWNERS, stream_of

_LOG = logs.get("recover")
_MOST_NAMED = 10_000

# Those of identity columns are nobody's business: their rows were put back with them.
_OWN_SEQUENCES = """
SELECT s.sequencename AS name, setval(i.id, s.last_value + $1) AS last
FROM pg_sequences s CROSS JOIN LATERAL (SELECT format('%I.%I', s.schemaname, s.sequencename)::regclass AS id) i
WHERE s.schemaname = 'public' AND s.last_value IS NOT NULL
  AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = i.id AND d.deptype = 'i')"""


@dataclass(frozen=True)
class Recovered:
    gone: int
    """Events on the stream that the database does not know: what happened after the state that was put back."""
    to_send: int
    """Events of the outbox that will be sent again."""
    numbers: dict[str, int]
    """Sequence of numbers that people see -> where it stands now."""


async def recover(owner: str, settings: RecoverSettings, skip_numbers: int) -> Recovered:
    """The service must be stopped everywhere. Safe to run twice: it only sends more again and skips more numbers.

    Raises OSError or a NATS error when the stream cannot be made anew: the database is unchanged then. Should the
    stream be gone by now, whoever provisions streams must make it before the service serves.
    """
    conn = await asyncpg.connect(settings.migrate_dsn)
    try:
        gone = await _empty_stream(owner, settings, conn) if owner in OWNERS else 0
        async with conn.transaction():
            status = await conn.execute("UPDATE outbox SET stream_seq = NULL WHERE stream_seq IS NOT NULL")
            to_send = await conn.fetchval("SELECT count(*) FROM outbox WHERE stream_seq IS NULL")
            # Holders of the lost time are fenced by the epoch, and nobody waits for leases of theirs.
            await conn.execute("UPDATE lease SET until = '-infinity', epoch = epoch + 1")
            skipped = await conn.fetch(_OWN_SEQUENCES, max(skip_numbers, gone))
    finally:
        await conn.close()
    numbers = {row["name"]: row["last"] for row in skipped}
    _LOG.info("recovered", gone=gone, sent_before=int(status.split()[-1]), to_send=to_send, numbers=numbers)
    return Recovered(gone, to_send, numbers)


async def _empty_stream(owner: str, settings: RecoverSettings, conn: asyncpg.Connection) -> int:
    """Names the events that are gone and makes stream and durable consumers anew, each with the configuration it had.

    Purging would not do: NATS would still refuse ids of the last two minutes as duplicates.
    """
    client = await nats_client.connect(settings, connect_timeout=5, allow_reconnect=False, max_reconnect_attempts=1)
    try:
        js, stream = client.jetstream(timeout=30), stream_of(owner)
        with suppress(NotFoundError):
            info = await js.stream_info(stream)
            gone = await _name_gone(js, stream, info.state.last_seq, conn)
            consumers = [found.config for found in await js.consumers_info(stream) if found.config.durable_name]
            await js.delete_stream(stream)
            await js.add_stream(info.config)
            for config in consumers:
                await js.add_consumer(stream, replace(config, name=None))
            return gone
    finally:
        await client.close()
    return 0


async def _name_gone(js: JetStreamContext, stream: str, last: int, conn: asyncpg.Connection) -> int:
    known = await conn.fetchval("SELECT coalesce(max(stream_seq), 0) FROM outbox")
    gone = 0
    for sequence in range(max(known, last - _MOST_NAMED) + 1, last + 1):
        try:
            event = decode((await js.get_msg(stream, seq=sequence)).data or b"")
        except (NotFoundError, Undecodable):
            continue
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM outbox WHERE id = $1)", event.event_id):
            gone += 1
            _LOG.warning(
                "gone: the database was put back to before this event",
                type=event.type,
                subject=event.subject,
                event_id=event.event_id,
                at=event.time.isoformat(),
            )
    return gone
