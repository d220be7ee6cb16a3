"""The background sender: awake when there is work, and never gone with a round half done."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from chassis.db import Database
from notify.app import react
from notify.app.mailroom import SWITCHED_OFF
from notify.app.send import Post
from notify.entrypoints.sender import Bell, Sender


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 30.0) -> None:
    async with asyncio.timeout(seconds):
        while not await condition():
            await asyncio.sleep(0.02)


@pytest.fixture
def bell() -> Bell:
    return Bell()


async def test_rows_of_this_process_are_sent_at_once_and_not_at_the_next_poll(
    db: Database, make_room: Any, post: Post, bell: Bell, store: Any, events: Any, neighbours: Any
) -> None:
    room = make_room(knock=bell.knock)
    sender = Sender(db, room, post, bell, poll_s=60.0)
    running = asyncio.create_task(sender.run())
    await asyncio.sleep(0.3)
    opened = events.opened()
    neighbours.intake.know(opened.data.case_id, "zhang@example.com")
    async with db.tx() as tx:
        await react.case_opened(room, tx, [opened])

    async def sent() -> bool:
        return bool(await store.states() == ["sent"])

    await until(sent)
    await sender.stop()
    await running


async def test_rows_of_another_process_are_found_by_polling(
    db: Database, room: Any, post: Post, bell: Bell, store: Any, events: Any, neighbours: Any
) -> None:
    sender = Sender(db, room, post, bell, poll_s=0.1)
    running = asyncio.create_task(sender.run())
    opened = events.opened()
    neighbours.intake.know(opened.data.case_id, "zhang@example.com")
    async with db.tx() as tx:
        await react.case_opened(room, tx, [opened])

    async def sent() -> bool:
        return bool(await store.states() == ["sent"])

    await until(sent)
    await sender.stop()
    await running


async def test_two_senders_share_the_work_and_no_mail_goes_out_twice(
    db: Database, room: Any, post: Post, store: Any, sink: Any, events: Any, neighbours: Any, second_post: Post
) -> None:
    opened = [events.opened() for _ in range(220)]
    for event in opened:
        neighbours.intake.know(event.data.case_id, "zhang@example.com")
    async with db.tx() as tx:
        await react.case_opened(room, tx, opened)
    senders = [Sender(db, room, way, Bell(), poll_s=0.1) for way in (post, second_post)]
    running = [asyncio.create_task(sender.run()) for sender in senders]

    async def sent() -> bool:
        return set(await store.states()) == {"sent"}

    await until(sent)
    for sender in senders:
        await sender.stop()
    await asyncio.gather(*running)
    assert len({mail["Message-ID"] for mail in sink.mails}) == len(sink.raw) == 220
    assert len(await store.emitted()) == 220


async def test_stopping_finishes_the_round_in_hand(
    db: Database, room: Any, post: Post, bell: Bell, store: Any, sink: Any, events: Any, neighbours: Any
) -> None:
    opened = [events.opened() for _ in range(40)]
    for event in opened:
        neighbours.intake.know(event.data.case_id, "zhang@example.com")
    async with db.tx() as tx:
        await react.case_opened(room, tx, opened)
    sender = Sender(db, room, post, bell, poll_s=60.0)
    running = asyncio.create_task(sender.run())
    while not sink.raw:
        await asyncio.sleep(0.001)
    await sender.stop()
    assert running.done() or await asyncio.wait_for(running, 1) is None
    assert await store.states() == ["sent"] * 40


async def test_switching_delivery_off_skips_what_still_waits(
    db: Database, room: Any, bell: Bell, store: Any, events: Any
) -> None:
    async with db.tx() as tx:
        await react.case_opened(room, tx, [events.opened()])
    sender = Sender(db, room, None, bell, poll_s=60.0)
    running = asyncio.create_task(sender.run())

    async def skipped() -> bool:
        return bool(await store.states() == ["skipped"])

    await until(skipped)
    await sender.stop()
    await running
    assert (await store.deliveries())[0]["error"] == SWITCHED_OFF
    assert await store.emitted() == []
