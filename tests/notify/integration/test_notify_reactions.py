"""Events become rows, once, whatever order and however often they come."""

from datetime import timedelta
from typing import Any

from chassis.db import Database
from notify.app import react
from notify.app.digest import make_digests
from notify.app.mailroom import SWITCHED_OFF, Mailroom


async def take(db: Database, room: Mailroom, reaction: Any, *received: Any) -> None:
    async with db.tx() as tx:
        await reaction(room, tx, received)


async def test_a_reachable_customer_gets_one_receipt_however_often_the_event_comes(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    opened = events.opened()
    await take(db, room, react.case_opened, opened, opened)
    await take(db, room, react.case_opened, opened)
    (receipt,) = await store.deliveries()
    assert (receipt["kind"], receipt["state"], receipt["language"]) == ("receipt", "pending", "zh")
    assert str(receipt["case_id"]) == opened.data.case_id
    assert receipt["facts"]["number"] == "C26-0000042"


async def test_nobody_writes_about_historical_records_or_to_the_unreachable(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    task = events.first_task("anna")
    await take(db, room, react.case_opened, events.opened(historical=True, task=task), events.opened(reachable=False))
    await take(db, room, react.case_closed, events.closed(events.opened().data.case_id, historical=True))
    assert await store.deliveries() == []
    async with db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM notices") == 0


async def test_a_closed_case_is_told_again_after_it_was_reopened_but_a_duplicate_is_not(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    case_id = events.opened().data.case_id
    first, second = events.closed(case_id), events.closed(case_id, first=False)
    duplicate = events.closed(events.opened().data.case_id, path="fast", outcome="duplicate")
    await take(db, room, react.case_closed, first, second, duplicate)
    await take(db, room, react.case_closed, second)
    assert [row["kind"] for row in await store.deliveries()] == ["case_closed", "case_closed"]


async def test_a_hundred_openings_are_three_insertions(db: Database, room: Mailroom, events: Any, store: Any) -> None:
    statements: list[str] = []
    async with db.tx() as tx:
        with tx.conn.query_logger(lambda record: statements.append(record.query)):
            await react.case_opened(room, tx, [events.opened(task=events.first_task("anna")) for _ in range(100)])
    assert len(await store.deliveries()) == 100
    assert len([sql for sql in statements if sql.lstrip().startswith("INSERT")]) == 3


async def test_task_notices_of_a_person_become_one_mail_after_the_interval(
    db: Database, make_room: Any, events: Any, store: Any
) -> None:
    patient, eager = make_room(), make_room(digest_interval=timedelta(0))
    opened = events.opened(task=events.first_task("anna"))
    await take(db, patient, react.case_opened, opened)
    await take(db, patient, react.task_assigned, events.assigned("anna", opened.data.case_id))
    assert await make_digests(db, patient) == 0
    await take(db, eager, react.task_assigned, events.assigned("anna", None), events.assigned(None, None))
    assert await make_digests(db, patient) == 1
    assert await make_digests(db, patient) == 0
    digest = (await store.deliveries())[-1]
    assert (digest["kind"], digest["person_id"], digest["facts"]["count"]) == ("task_assigned", "anna", 3)
    assert {task["number"] for task in digest["facts"]["tasks"]} == {"C26-0000042", None}


async def test_tasks_of_urgent_cases_and_overdue_ones_are_told_at_once(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    urgent = events.opened(grade="urgent", reachable=False, task=events.first_task("anna"))
    await take(db, room, react.case_opened, urgent)
    await take(db, room, react.task_overdue, events.overdue("ben"), events.overdue("ben"))
    await take(db, room, react.task_escalated, events.escalated("carla", "dora"))
    assert await make_digests(db, room) == 4
    told = {(row["kind"], row["person_id"]): row["facts"]["count"] for row in await store.deliveries()}
    assert told == {
        ("task_assigned", "anna"): 1,
        ("task_overdue", "ben"): 2,
        ("escalation", "carla"): 1,
        ("escalation", "dora"): 1,
    }


async def test_a_task_event_that_comes_twice_is_told_once(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    escalated = events.escalated("carla")
    for _ in range(2):
        await take(db, room, react.task_escalated, escalated)
        await make_digests(db, room)
    assert len(await store.deliveries()) == 1


async def test_a_task_that_is_known_before_its_case_gets_its_number_in_the_mail(
    db: Database, make_room: Any, events: Any, store: Any
) -> None:
    room = make_room(digest_interval=timedelta(0))
    opened = events.opened(reachable=False)
    await take(db, room, react.task_assigned, events.assigned("anna", opened.data.case_id))
    await take(db, room, react.case_opened, opened)
    await make_digests(db, room)
    (digest,) = await store.deliveries()
    assert digest["facts"]["tasks"][0]["number"] == "C26-0000042"


async def test_where_delivery_is_switched_off_rows_are_skipped_with_the_reason(
    db: Database, make_room: Any, events: Any, store: Any
) -> None:
    room = make_room(open=False)
    await take(db, room, react.case_opened, events.opened())
    await take(db, room, react.task_escalated, events.escalated("carla"))
    await make_digests(db, room)
    assert {(row["state"], row["error"]) for row in await store.deliveries()} == {("skipped", SWITCHED_OFF)}
    assert await store.emitted() == []
