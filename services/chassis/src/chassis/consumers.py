"""Durable pull consumers: up to a hundred messages, one transaction, acknowledged after its commit.

A batch that fails is taken one by one, so that a poison event is found, parked and the others go on. An outage of the
database is no event's fault: everything is handed back and counts as nobody's attempt.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from itertools import groupby
from typing import Any

import msgspec
from nats.aio.msg import Msg
from nats.js import JetStreamContext
from nats.js.api import ConsumerConfig
from nats.js.errors import NotFoundError

from chassis import dead_letters, inbox, logs
from chassis.bus import OUTAGE, Bus
from chassis.db import Database, Tx
from chassis.envelope import Received, Undecodable, decode
from chassis.errors import Unavailable
from chassis.metrics import Metrics
from chassis.pull import Pull
from chassis.runs import runs
from chassis.settings import CommonSettings
from chassis.streams import ensure_consumer, ensure_stream, undelivered
from redress.catalog import CATALOG, TYPE_OF, stream_of

_LOG = logs.get("consumers")
_BATCH = 100
_RETRY_DELAY_S = 1.0
_SILENT_S = 20.0
_PENDING_EVERY_S = 5.0
# Of an upgrade that is under way; then it is nobody's.
_NEWER_DELAY_S, _NEWER_TRIES = 5.0, 720

Reaction = Callable[[Tx, Sequence[Received[Any]]], Awaitable[None]]
Reactions = Mapping[type[msgspec.Struct], Reaction]


def each(reaction: Callable[[Tx, Received[Any]], Awaitable[None]]) -> Reaction:
    """For reactions that look at one event at a time."""

    async def react(tx: Tx, events: Sequence[Received[Any]]) -> None:
        for event in events:
            await reaction(tx, event)

    return react


def by_owner(reactions: Reactions) -> dict[str, list[str]]:
    """Owner -> event types: one durable consumer for each owner we listen to."""
    types = sorted(TYPE_OF[payload] for payload in reactions)
    return {owner: list(group) for owner, group in groupby(types, key=lambda t: CATALOG[t].owner)}


class Handler:
    """Runs reactions in transactions; knows nothing of NATS, so that a dead letter is replayed the same way."""

    def __init__(self, consumer: str, db: Database, reactions: Reactions, oldest: timedelta) -> None:
        self.consumer = consumer
        self._db = db
        self._reactions = {TYPE_OF[payload]: reaction for payload, reaction in reactions.items()}
        self._oldest = oldest

    def check(self, event: Received[Any]) -> None:
        """Raises Undecodable for an event that must not be handled at all."""
        if self._db.clock.now() - event.time > self._oldest:
            raise Undecodable(f"older than the {self._oldest.days} days for which we know what was handled")
        if event.type not in self._reactions:
            raise Undecodable(f"no reaction to {event.type}")

    async def handle(self, events: Sequence[Received[Any]]) -> list[Received[Any]]:
        """All in one transaction; returns those that were new."""
        async with self._db.tx() as tx:
            fresh = await inbox.claim(tx, self.consumer, events)
            for same in runs(fresh):
                tx.traceparent = same[0].traceparent
                await self._reactions[same[0].type](tx, same)
        return fresh


class Consumer:
    """One owner's stream."""

    def __init__(
        self,
        owner: str,
        types: Sequence[str],
        handler: Handler,
        db: Database,
        bus: Bus,
        settings: CommonSettings,
        metrics: Metrics,
    ) -> None:
        self.owner = owner
        self._stream = stream_of(owner)
        self._types = list(types)
        self._handler = handler
        self._db = db
        self._bus = bus
        self._settings = settings
        self._metrics = metrics
        self._attempts: dict[str, int] = {}
        self._stopping = asyncio.Event()
        self._resting = asyncio.Event()
        self._resting.set()

    def stop(self) -> None:
        """Takes nothing more; `finished` says when the batch in hand is done."""
        self._stopping.set()

    async def finished(self) -> None:
        await self._resting.wait()

    async def run(self) -> None:
        while not self._stopping.is_set():
            try:
                await self._bus.ready.wait()
                await self._consume(self._bus.js, self._bus.epoch)
            except Unavailable:
                await asyncio.sleep(_RETRY_DELAY_S)
            except NotFoundError:
                self._bus.unprovisioned.note(self._stream, "there is no consumer for", self._types)
                await asyncio.sleep(_RETRY_DELAY_S)
            except (*OUTAGE,) as error:
                _LOG.warning("consumer waits", owner=self.owner, error=type(error).__name__, detail=str(error)[:200])
                await asyncio.sleep(_RETRY_DELAY_S)

    async def _consume(self, js: JetStreamContext, epoch: int) -> None:
        await self._ensure(js)
        pull = Pull(self._bus.nc, self._stream, self._handler.consumer, batch=_BATCH)
        await pull.open()
        heard = looked = time.monotonic()
        try:
            while not self._stopping.is_set() and self._bus.epoch == epoch:
                # A request written while disconnected would be answered after the reconnect, to nobody.
                messages = await self._bus.unless_lost(pull.next())
                now = time.monotonic()
                if messages and self._stopping.is_set():
                    await _hand_back(messages, 0)
                elif messages:
                    heard = now
                    await self._take_all(messages)
                if now - looked > _PENDING_EVERY_S:
                    looked = now
                    pending = await self._pending(js)
                    if pending and now - heard > _SILENT_S:
                        _LOG.warning("subscription is silent, made anew", owner=self.owner, pending=pending)
                        return
        finally:
            # Also while disconnected: nats-py would restore it with the next connection, for nobody to read.
            with suppress(*OUTAGE):
                await _hand_back(await pull.close(), 0)

    async def _take_all(self, messages: Sequence[Msg]) -> None:
        self._resting.clear()
        try:
            await self._take(messages)
        finally:
            self._resting.set()
        if len(messages) < _BATCH:
            # A lone event was handled at once; those behind it come together. At 100 events/s wake-ups cost more
            # than the events.
            await asyncio.sleep(self._settings.consume_linger_ms / 1000)

    async def _pending(self, js: JetStreamContext) -> int:
        info = await js.consumer_info(self._stream, self._handler.consumer)
        self._compare(info.config)
        pending = int(info.num_pending or 0)
        self._metrics.consumer_pending.labels(self.owner).set(pending)
        self._metrics.consumer_ack_pending.labels(self.owner).set(info.num_ack_pending or 0)
        return pending

    async def _ensure(self, js: JetStreamContext) -> None:
        if self._settings.nats_provision:
            await ensure_stream(self._bus.nc, self.owner, self._settings)
            await ensure_consumer(self._bus.nc, self._stream, self._handler.consumer, self._types)
        self._compare((await js.consumer_info(self._stream, self._handler.consumer)).config)

    def _compare(self, config: ConsumerConfig) -> None:
        missing = undelivered(self._types, vars(config))
        self._bus.unprovisioned.note(self._stream, "does not deliver", missing)

    async def _take(self, messages: Sequence[Msg]) -> None:
        readable: list[tuple[Msg, Received[Any]]] = []
        for message in messages:
            if message.subject not in self._types:
                await self._leave(message)
                continue
            try:
                event = decode(message.data)
                if event.type != message.subject:  # an owner may publish under its own subjects only
                    raise Undecodable(f"{event.type} came under {message.subject}")
                self._handler.check(event)
                readable.append((message, event))
            except Undecodable as error:
                await self._park(message, None, f"unreadable: {error}", 1)
        if not readable:
            return
        try:
            await self._settle(readable)
        except Unavailable:
            await _hand_back([m for m, _ in readable], _RETRY_DELAY_S)
            raise
        except Exception as error:
            _LOG.warning("batch failed, one by one", owner=self.owner, error=type(error).__name__)
            for message, event in readable:
                await self._alone(message, event)

    async def _leave(self, message: Msg) -> None:
        """The consumer's filter is that of a newer version, which is being rolled out: its replicas take this one."""
        if message.metadata.num_delivered > _NEWER_TRIES:
            await self._park(message, None, f"no reaction to {message.subject}", message.metadata.num_delivered)
        else:
            await message.nak(_NEWER_DELAY_S)

    async def _settle(self, readable: Sequence[tuple[Msg, Received[Any]]]) -> None:
        fresh = await self._handler.handle([event for _, event in readable])
        for message, event in readable:
            await message.ack()
            self._attempts.pop(event.event_id, None)
        self._observe(fresh, len(readable))

    async def _alone(self, message: Msg, event: Received[Any]) -> None:
        try:
            await self._settle([(message, event)])
        except Unavailable:
            await message.nak(_RETRY_DELAY_S)
            raise
        except Exception as error:
            attempts = self._attempts.get(event.event_id, 0) + 1
            self._attempts[event.event_id] = attempts
            self._metrics.event_retries.labels(event.type).inc()
            reason = f"{type(error).__name__}: {error}"
            _LOG.warning("reaction failed", type=event.type, event_id=event.event_id, attempts=attempts, exc_info=True)
            if attempts >= self._settings.delivery_attempts:
                await self._park(message, event, reason, attempts)
            else:
                await message.nak(_RETRY_DELAY_S * attempts)

    async def _park(self, message: Msg, event: Received[Any] | None, error: str, attempts: int) -> None:
        sequence = message.metadata.sequence.stream
        parked = dead_letters.Parked(
            stream=self._stream,
            stream_seq=sequence,
            event_id=event.event_id if event else dead_letters.name_of(self._stream, sequence, message.data),
            type=event.type if event else message.subject,
            subject=event.subject if event else "",
            body=message.data,
            error=error,
            deliveries=attempts,
        )
        async with self._db.tx() as tx:
            await dead_letters.park(tx, self._handler.consumer, parked)
        await message.ack()
        self._attempts.pop(parked.event_id, None)
        _LOG.error("parked as a dead letter", type=parked.type, event_id=parked.event_id, attempts=attempts)

    def _observe(self, fresh: Iterable[Received[Any]], delivered: int) -> None:
        now = self._db.clock.now()
        count = 0
        for event in fresh:
            count += 1
            self._metrics.events_handled.labels(event.type).inc()
            self._metrics.event_lag.labels(self.owner).observe(max(0.0, (now - event.time).total_seconds()))
        if delivered > count:
            self._metrics.events_duplicate.labels(self.owner).inc(delivered - count)


async def _hand_back(messages: Iterable[Msg], delay: float) -> None:
    for message in messages:
        await message.nak(delay or None)
