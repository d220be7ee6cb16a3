"""Outbox, relay, rewind, consumer, inbox, dead letters on real PostgreSQL and NATS."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from chassis.clock import utc_now
from chassis.consumers import Consumer, Handler, Reactions, each
from chassis.db import Tx
from chassis.envelope import Received
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.relay import Relay
from chassis.streams import ensure_stream
from redress.catalog import TYPE_OF, stream_of
from redress.intake.v1.events import ContactReceived

OWNER = "intake"
TYPE = TYPE_OF[ContactReceived]


def contact() -> ContactReceived:
    return ContactReceived(contact_id=new_id(), complaint_id=new_id(), channel="phone", at=utc_now())


async def emit(probe: Any, count: int) -> list[str]:
    ids = []
    async with probe.db.tx() as tx:
        for _ in range(count):
            event = contact()
            ids.append(tx.emit(event, subject=event.complaint_id, sequence=1))
    return ids


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


def relay_of(probe: Any) -> Relay:
    return Relay(OWNER, probe.db, probe.lease_db, probe.bus, probe.settings, probe.metrics)


async def all_sent(probe: Any) -> bool:
    async with probe.db.read() as tx:
        return not await tx.fetchval("SELECT EXISTS (SELECT 1 FROM outbox WHERE stream_seq IS NULL)")


async def stream_ids(probe: Any) -> list[str]:
    js = probe.bus.js
    state = (await js.stream_info(stream_of(OWNER))).state
    messages = [await js.get_msg(stream_of(OWNER), seq=n) for n in range(state.first_seq or 1, state.last_seq + 1)]
    return [m.headers["Nats-Msg-Id"] for m in messages]


def consumer_of(probe: Any, reactions: Reactions, **more: Any) -> Consumer:
    handler = Handler("probe", probe.db, reactions, timedelta(days=20))
    return Consumer(OWNER, [TYPE], handler, probe.db, probe.bus, probe.settings, probe.metrics)


async def note(tx: Tx, event: Received[ContactReceived]) -> None:
    await tx.execute(
        "INSERT INTO handled (event_id, complaint_id) VALUES ($1, $2)", event.event_id, event.data.complaint_id
    )


async def handled(probe: Any) -> list[str]:
    async with probe.db.read() as tx:
        return [str(r["event_id"]) for r in await tx.fetch("SELECT event_id FROM handled ORDER BY n")]


@pytest.mark.parametrize("count", [1, 29, 30, 700])
async def test_the_relay_sends_every_event_once_and_in_order(probe: Any, count: int) -> None:
    service = await probe()
    ids = await emit(service, count)
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    assert await stream_ids(service) == ids


async def test_events_written_by_another_replica_are_found_without_a_wake_up(probe: Any) -> None:
    holder = await probe()
    other = await probe(settings=holder.settings)
    holder.run(relay_of(holder).run)
    await asyncio.sleep(0.3)
    ids = await emit(other, 3)
    await until(lambda: all_sent(holder))
    assert await stream_ids(holder) == ids


async def test_a_second_relay_waits_and_takes_over_when_the_first_is_gone(probe: Any) -> None:
    first = await probe()
    second = await probe(settings=first.settings)
    relay, successor = relay_of(first), relay_of(second)
    task = first.run(relay.run)
    await until(lambda: holds(first))
    second.run(successor.run)
    await asyncio.sleep(0.2)
    assert not await holds(second)
    task.cancel()
    await relay.stop()
    ids = await emit(second, 5)
    await until(lambda: all_sent(second))
    assert await holds(second)
    assert await stream_ids(second) == ids


async def holds(probe: Any) -> bool:
    return bool(probe.metrics.relay_holder._value.get())


async def test_a_sender_that_lost_its_lease_while_stopped_is_fenced(probe: Any) -> None:
    """It was stopped between reading and sending: the stream moved on and its expected sequence is refused."""
    from chassis import publish

    service = await probe()
    ids = await emit(service, 2)
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    stale = [publish.Message(new_id(), TYPE, b"{}")]
    with pytest.raises(publish.Fenced):
        await publish.send(service.bus.nc, stream_of(OWNER), stale, after=1)
    with pytest.raises(publish.Fenced):
        await publish.send(service.bus.nc, stream_of(OWNER), stale * 40, after=0)
    assert await stream_ids(service) == ids


async def test_a_stream_that_lost_its_tail_gets_it_again(probe: Any) -> None:
    service = await probe()
    ids = await emit(service, 90)
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    await lose_tail(service, keep=40)
    await until(lambda: restored(service, ids))


async def test_without_rewind_a_lost_tail_stays_lost(probe: Any) -> None:
    """The negative control of the test above."""
    service = await probe(relay_rewind=False)
    ids = await emit(service, 90)
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    await lose_tail(service, keep=40)
    more = await emit(service, 5)
    await until(lambda: all_sent(service))
    assert set(ids + more) - set(await stream_ids(service)) == set(ids[40:])


async def lose_tail(probe: Any, keep: int) -> None:
    """What an older copy of the store looks like: the first messages under their sequences, nothing behind."""
    js, name = probe.bus.js, stream_of(OWNER)
    kept = [await js.get_msg(name, seq=n) for n in range(1, keep + 1)]
    await js.delete_stream(name)
    await ensure_stream(probe.bus.nc, OWNER, probe.settings)
    for message in kept:
        await js.publish(message.subject, message.data, headers={"Nats-Msg-Id": message.headers["Nats-Msg-Id"]})


async def restored(probe: Any, ids: list[str]) -> bool:
    return list(dict.fromkeys(await stream_ids(probe))) == ids


async def test_a_batch_whose_acknowledgement_was_lost_is_not_sent_twice(probe: Any) -> None:
    service = await probe()
    ids = await emit(service, 50)
    relay = relay_of(service)
    task = service.run(relay.run)
    await until(lambda: all_sent(service))
    task.cancel()
    await relay.stop()
    async with service.db.tx() as tx:
        await tx.execute("UPDATE outbox SET stream_seq = NULL WHERE seq > 20")
    service.run(relay_of(service).run)
    await until(lambda: all_sent(service))
    assert await stream_ids(service) == ids


async def test_an_event_delivered_many_times_has_one_effect(probe: Any) -> None:
    service = await probe()
    ids = await emit(service, 10)
    service.run(relay_of(service).run)
    consumer = consumer_of(service, {ContactReceived: each(note)})
    service.run(consumer.run)
    await until(lambda: count_handled(service, 10))
    await service.bus.js.delete_consumer(stream_of(OWNER), "probe")
    again = consumer_of(service, {ContactReceived: each(note)})
    service.run(again.run)
    await until(lambda: seen_again(service))
    assert await handled(service) == ids


async def count_handled(probe: Any, count: int) -> bool:
    return len(await handled(probe)) >= count


async def seen_again(probe: Any) -> bool:
    return float(probe.metrics.events_duplicate.labels(OWNER)._value.get()) >= 10


async def test_a_poison_event_is_parked_and_the_others_go_on(probe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.consumers._RETRY_DELAY_S", 0.05)
    service = await probe(delivery_attempts=3)
    ids = await emit(service, 20)
    poison = ids[7]

    async def react(tx: Tx, event: Received[ContactReceived]) -> None:
        if event.event_id == poison:
            raise ValueError("cannot be done")
        await note(tx, event)

    service.run(relay_of(service).run)
    service.run(consumer_of(service, {ContactReceived: each(react)}).run)
    await until(lambda: parked(service, 1))
    await until(lambda: count_handled(service, 19))
    assert set(await handled(service)) == set(ids) - {poison}
    async with service.db.read() as tx:
        row = await tx.fetchrow("SELECT event_id, error, deliveries FROM dead_letter")
    assert (row["event_id"], row["error"], row["deliveries"]) == (poison, "ValueError: cannot be done", 3)


async def parked(probe: Any, count: int) -> bool:
    async with probe.db.read() as tx:
        return int(await tx.fetchval("SELECT count(*) FROM dead_letter")) == count


async def test_a_message_that_is_no_event_is_parked_at_once(probe: Any) -> None:
    service = await probe()
    await ensure_stream(service.bus.nc, OWNER, service.settings)
    await service.bus.js.publish(TYPE, b"\xff not json")
    service.run(consumer_of(service, {ContactReceived: each(note)}).run)
    await until(lambda: parked(service, 1))


async def test_an_outage_of_the_database_is_no_events_fault(probe: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.consumers._RETRY_DELAY_S", 0.05)
    service = await probe(delivery_attempts=1)
    ids = await emit(service, 5)
    failures = 4

    async def react(tx: Tx, event: Received[ContactReceived]) -> None:
        nonlocal failures
        if failures:
            failures -= 1
            raise Unavailable("the database does not answer")
        await note(tx, event)

    service.run(relay_of(service).run)
    service.run(consumer_of(service, {ContactReceived: each(react)}).run)
    await until(lambda: count_handled(service, 5))
    assert sorted(await handled(service)) == sorted(ids)
    assert await parked(service, 0)


async def test_messages_left_in_the_clients_queue_do_not_stall(probe: Any) -> None:
    """With fetch's heartbeat argument nats-py 2.16 left messages in its queue until ack_wait: 20 s gaps."""
    service = await probe()
    times: list[float] = []

    async def react(tx: Tx, event: Received[ContactReceived]) -> None:
        times.append(asyncio.get_running_loop().time())
        await note(tx, event)

    service.run(relay_of(service).run)
    service.run(consumer_of(service, {ContactReceived: each(react)}).run)
    for _ in range(150):
        await emit(service, 1)
        await asyncio.sleep(0.004)
    await until(lambda: count_handled(service, 150), seconds=8)
    gaps = [later - earlier for earlier, later in pairwise(times)]
    assert max(gaps) < 3.0
