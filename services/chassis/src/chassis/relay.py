"""Sends the outbox to the owner's stream: one sender at a time, fenced; rewinds when the stream has lost its tail.

PostgreSQL is the record. NATS may lose acknowledged messages (an fsync interval, a restored volume) or be replaced;
everything after the last agreement between outbox and stream is then sent again.
"""

import asyncio
import time
from collections.abc import Sequence
from contextlib import suppress

import asyncpg
from nats.js import JetStreamContext
from nats.js.api import StreamInfo
from nats.js.errors import NotFoundError

from chassis import logs, publish
from chassis.bus import OUTAGE, Bus
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.lease import Lease
from chassis.metrics import Metrics
from chassis.settings import CommonSettings
from chassis.stream_agreement import last_agreement, message_id
from chassis.streams import ensure_stream, passed_over
from redress.catalog import stream_of

_LOG = logs.get("relay")
_BATCH = 500
_CHECK_EVERY_S = 1.0
_MEASURE_EVERY_S = 30.0
_POLL_S = 0.5
_BACK_OFF_S = 0.5


class Unheard(OSError):
    """A consumer would pass over what we have to send, and never come back for it."""


class LeaseLost(Exception):
    """Someone else relays now."""


class Relay:
    def __init__(
        self, owner: str, db: Database, lease_db: Database, bus: Bus, settings: CommonSettings, metrics: Metrics
    ) -> None:
        self._owner = owner
        self._stream = stream_of(owner)
        self._db = db
        self._bus = bus
        self._settings = settings
        self._metrics = metrics
        self._lease = Lease(lease_db, "relay", holder=settings.replica)
        self._renew_at = 0.0
        self._check_at = 0.0
        self._measure_at = 0.0
        self._position: int | None = None
        """Sequence our next message must follow; None until outbox and stream agree."""
        self._agreed_epoch = 0
        """The connection on which they agreed: behind another one may stand another store."""

    async def run(self) -> None:
        """Until cancelled. An outage of either side only delays."""
        while True:
            try:
                await self._bus.ready.wait()
                if not await self._hold():
                    await asyncio.sleep(self._lease.ttl_s / 4)
                    continue
                if not await self._round():
                    await self._wait()
            except (publish.Fenced, LeaseLost) as reason:
                _LOG.warning("relay steps back", reason=type(reason).__name__)
                self._position = None
            except (Unavailable, *OUTAGE) as error:
                self._tell(error)
                self._position = None
                self._forget_lease()
                await asyncio.sleep(_BACK_OFF_S)

    async def _be_heard(self) -> None:
        """After an upgrade events wait here until provisioning has told NATS who listens to what now."""
        if not self._settings.nats_provision and (missing := await passed_over(self._bus.nc, self._owner)):
            self._bus.unprovisioned.note(self._stream, "nothing is sent, it would not deliver", missing)
            raise Unheard

    def _tell(self, error: Exception) -> None:
        if isinstance(error, Unheard):
            return  # noted, once
        if isinstance(error, NotFoundError):
            self._bus.unprovisioned.note(self._stream, "there is no stream for", [self._owner])
        else:
            _LOG.warning("relay waits", error=type(error).__name__, detail=str(error)[:200])

    async def stop(self) -> None:
        """Lets a successor start at once."""
        self._forget_lease()
        with suppress(Unavailable):
            await self._lease.release()

    def _forget_lease(self) -> None:
        """It is not renewed during an outage: what we knew of it must be asked anew, and is told no more."""
        self._renew_at = 0.0
        self._metrics.relay_holder.set(0)

    async def _hold(self) -> bool:
        now = time.monotonic()
        if now >= self._renew_at:
            held = await self._lease.held()
            self._metrics.relay_holder.set(int(held))
            if not held:
                self._position = None
                return False
            self._renew_at = now + self._lease.ttl_s / 3
        return True

    async def _wait(self) -> None:
        """For a commit of this process, or for the poll that finds another replica's rows; then lingers for more."""
        with suppress(TimeoutError):
            async with asyncio.timeout(_POLL_S):
                await self._db.wake.wait()
        self._db.wake.clear()
        await asyncio.sleep(self._settings.relay_linger_ms / 1000)

    async def _round(self) -> int:
        position = await self._bus.unless_lost(self._agree(self._bus.js))
        rows = await self._unsent()
        if not rows:
            return 0
        messages = [publish.Message(str(r["id"]), r["type"], r["body"]) for r in rows]
        sequences = await self._bus.unless_lost(publish.send(self._bus.nc, self._stream, messages, after=position))
        await self._record(rows, sequences)
        self._position = max(sequences)
        return len(rows)

    async def _unsent(self) -> Sequence[asyncpg.Record]:
        async with self._db.connection() as conn:
            return await conn.fetch(
                "SELECT seq, created_at, id, type, body FROM outbox WHERE stream_seq IS NULL ORDER BY seq LIMIT $1",
                _BATCH,
            )

    async def _record(self, rows: Sequence[asyncpg.Record], sequences: Sequence[int]) -> None:
        async with self._db.connection() as conn:
            status = await conn.execute(
                "UPDATE outbox AS o SET stream_seq = s.stream_seq"
                " FROM unnest($1::timestamptz[], $2::bigint[], $3::bigint[]) AS s(created_at, seq, stream_seq)"
                " WHERE o.created_at = s.created_at AND o.seq = s.seq"
                " AND EXISTS (SELECT 1 FROM lease WHERE name = 'relay' AND holder = $4 AND epoch = $5)",
                [r["created_at"] for r in rows],
                [r["seq"] for r in rows],
                sequences,
                self._lease.holder,
                self._lease.epoch,
            )
        if status == "UPDATE 0":
            raise LeaseLost
        for row in rows:
            self._metrics.events_published.labels(row["type"]).inc()

    async def _agree(self, js: JetStreamContext) -> int:
        """The sequence our next message must follow."""
        if self._position is None or self._agreed_epoch != self._bus.epoch:
            return await self._align(js)
        if time.monotonic() >= self._check_at and not await self._still_agrees(js):
            return await self._align(js)
        return self._position

    async def _align(self, js: JetStreamContext) -> int:
        """On connect, on taking the lease, after a refused send: agree with the stream before sending anything."""
        epoch = self._bus.epoch
        if self._settings.nats_provision:
            await ensure_stream(self._bus.nc, self._owner, self._settings)
        await self._rewind_if_behind(js)
        info = await js.stream_info(self._stream)
        await self._be_heard()
        self._bus.unprovisioned.note(self._stream, "", [])
        self._measure(info)
        await self._adopt(js, info.state.last_seq)
        position = self._position = int(info.state.last_seq)
        self._agreed_epoch = epoch
        self._check_at = time.monotonic() + _CHECK_EVERY_S
        return position

    def _measure(self, info: StreamInfo) -> None:
        self._measure_at = time.monotonic() + _MEASURE_EVERY_S
        self._metrics.stream_bytes.set(info.state.bytes)
        self._metrics.stream_limit_bytes.set(max(0, info.config.max_bytes or 0))

    async def _still_agrees(self, js: JetStreamContext) -> bool:
        """Every second: is the last message we sent still there, with our id?"""
        self._check_at = time.monotonic() + _CHECK_EVERY_S
        if time.monotonic() >= self._measure_at:
            self._measure(await js.stream_info(self._stream))
        top = await self._top()
        if top is None or not self._settings.relay_rewind:
            return True
        return await message_id(js, self._stream, top["stream_seq"]) == str(top["id"])

    async def _top(self) -> asyncpg.Record | None:
        async with self._db.connection() as conn:
            return await conn.fetchrow(
                "SELECT stream_seq, id FROM outbox WHERE stream_seq IS NOT NULL ORDER BY stream_seq DESC LIMIT 1"
            )

    async def _rewind_if_behind(self, js: JetStreamContext) -> None:
        if not self._settings.relay_rewind:
            return
        async with self._db.connection() as conn:
            agreed = await last_agreement(js, self._stream, conn)
            if agreed is None:
                return
            status = await conn.execute("UPDATE outbox SET stream_seq = NULL WHERE stream_seq > $1", agreed)
        resent = int(status.rsplit(" ", 1)[-1])
        if resent:
            self._metrics.relay_rewinds.inc()
            self._metrics.relay_resent.inc(resent)
            _LOG.warning("the stream is behind the outbox: sending again", after=agreed, events=resent)

    async def _adopt(self, js: JetStreamContext, last: int) -> None:
        """Messages that reached the stream while their acknowledgement did not reach us are ours already."""
        top = await self._top()
        known = top["stream_seq"] if top else 0
        for sequence in range(max(known, last - 2 * _BATCH) + 1, last + 1):
            event_id = await message_id(js, self._stream, sequence)
            if event_id is None:
                continue
            async with self._db.connection() as conn:
                await conn.execute(
                    "UPDATE outbox SET stream_seq = $1 WHERE id = $2 AND stream_seq IS NULL", sequence, event_id
                )
