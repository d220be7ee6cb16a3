"""What people and operators ask notify."""

from collections.abc import Callable
from typing import Any

import pytest

from chassis import audit, ledgers
from chassis.call import Call
from chassis.db import Database
from chassis.errors import Forbidden, IllegalTransition, Invalid, NotFound
from chassis.ids import new_id
from notify.app import queries, react
from notify.app.mailroom import Mailroom
from notify.app.retry import retry_delivery
from notify.app.send import Post, send_round
from notify.entrypoints.admin import receipts
from redress.common.v1.common_pb2 import Page
from redress.notify.v1 import notify_pb2 as pb

CallAs = Callable[..., Call]


@pytest.fixture
async def failed(db: Database, room: Mailroom, post: Post, sink: Any, events: Any, neighbours: Any) -> str:
    """The id of a receipt that was refused for good."""
    opened = events.opened()
    neighbours.intake.know(opened.data.case_id, "zhang@example.com")
    sink.rcpt_answers = ["550 unknown"]
    async with db.tx() as tx:
        await react.case_opened(room, tx, [opened])
    await send_round(db, room, post)
    async with db.read() as tx:
        return str(await tx.fetchval("SELECT delivery_id FROM deliveries"))


async def test_a_delivery_is_shown_with_its_tries(db: Database, call_as: CallAs, failed: str) -> None:
    async with db.read() as tx:
        shown = await queries.get_delivery(tx, call_as("engineer"), pb.GetDeliveryRequest(delivery_id=failed))
    assert (shown.state, shown.kind, shown.channel, shown.attempts) == ("failed", "receipt", "mail", 1)
    assert (shown.template, shown.template_version, shown.language) == ("receipt", 3, "zh")
    assert [(attempt.ok, attempt.answer) for attempt in shown.tries] == [(False, "550 unknown")]
    assert shown.HasField("created_at")
    assert not shown.HasField("sent_at")


async def test_deliveries_are_listed_newest_first_page_by_page(
    db: Database, room: Mailroom, call_as: CallAs, events: Any
) -> None:
    async with db.tx() as tx:
        await react.case_opened(room, tx, [events.opened() for _ in range(5)])
    listed: list[str] = []
    cursor = ""
    while True:
        request = pb.ListDeliveriesRequest(page=Page(cursor=cursor, limit=2), kind="receipt", state="pending")
        async with db.read() as tx:
            reply = await queries.list_deliveries(tx, call_as("quality"), request)
        listed += [delivery.delivery_id for delivery in reply.deliveries]
        cursor = reply.next_cursor
        if not cursor:
            break
    assert len(listed) == 5
    assert listed == sorted(listed, reverse=True)


async def test_deliveries_of_one_case_are_found(db: Database, room: Mailroom, call_as: CallAs, events: Any) -> None:
    opened = events.opened()
    async with db.tx() as tx:
        await react.case_opened(room, tx, [opened, events.opened()])
        request = pb.ListDeliveriesRequest(case_id=opened.data.case_id)
        reply = await queries.list_deliveries(tx, call_as("manager"), request)
    assert [delivery.case_id for delivery in reply.deliveries] == [opened.data.case_id]


@pytest.mark.parametrize("wrong", [{"kind": "postcard"}, {"state": "lost"}, {"case_id": "C26"}])
async def test_an_unknown_filter_is_refused(db: Database, call_as: CallAs, wrong: dict[str, str]) -> None:
    with pytest.raises(Invalid):
        async with db.read() as tx:
            await queries.list_deliveries(tx, call_as("admin"), pb.ListDeliveriesRequest(**wrong))  # type: ignore[arg-type]


async def test_totals_count_every_state(
    db: Database, room: Mailroom, call_as: CallAs, events: Any, failed: str
) -> None:
    async with db.tx() as tx:
        await react.case_opened(room, tx, [events.opened(), events.opened()])
        totals = await queries.get_totals(tx, call_as("service"), pb.GetTotalsRequest())
    assert (totals.pending, totals.failed, totals.sent, totals.skipped, totals.sending) == (2, 1, 0, 0, 0)


async def test_a_failed_delivery_is_tried_again_by_name(
    db: Database, room: Mailroom, post: Post, call_as: CallAs, store: Any, failed: str
) -> None:
    request = pb.GetDeliveryRequest(delivery_id=failed)
    async with db.tx() as tx:
        again = await retry_delivery(room, tx, call_as("customer_service", actor="anna"), request)
    assert (again.state, again.attempts) == ("pending", 0)
    await send_round(db, room, post)
    assert await store.states() == ["sent"]
    assert [event["type"].split(".")[3] for event in await store.emitted()] == ["failed", "sent"]
    assert [event["sequence"] for event in await store.emitted()] == ["2", "4"]
    async with db.tx() as tx:
        assert await tx.fetchval("SELECT actor FROM audit WHERE aggregate_id = $1", failed) == "anna"
        assert (await audit.verify(tx.conn)).broken == []


async def test_a_sent_delivery_is_not_sent_again(
    db: Database, room: Mailroom, call_as: CallAs, failed: str, post: Post
) -> None:
    request = pb.GetDeliveryRequest(delivery_id=failed)
    async with db.tx() as tx:
        await retry_delivery(room, tx, call_as("manager"), request)
    await send_round(db, room, post)
    with pytest.raises(IllegalTransition):
        async with db.tx() as tx:
            await retry_delivery(room, tx, call_as("manager"), request)


async def test_partners_and_channels_see_no_deliveries(
    db: Database, room: Mailroom, call_as: CallAs, failed: str
) -> None:
    request = pb.GetDeliveryRequest(delivery_id=failed)
    async with db.tx() as tx:
        with pytest.raises(Forbidden):
            await queries.get_delivery(tx, call_as("partner"), request)
        with pytest.raises(Forbidden):
            await retry_delivery(room, tx, call_as("engineer"), request)


async def test_an_unknown_delivery_is_not_found(db: Database, room: Mailroom, call_as: CallAs) -> None:
    async with db.tx() as tx:
        with pytest.raises(NotFound):
            await retry_delivery(room, tx, call_as("admin"), pb.GetDeliveryRequest(delivery_id=new_id()))


async def test_the_ledger_of_receipts_pages_through_every_case_once(db: Database, room: Mailroom, events: Any) -> None:
    opened = [events.opened() for _ in range(5)]
    async with db.tx() as tx:
        await react.case_opened(room, tx, opened)
        await react.case_closed(room, tx, [events.closed(opened[0].data.case_id)])
        found, cursor = await ledgers.page(receipts, tx, "", 3)
        rest, end = await ledgers.page(receipts, tx, cursor, 3)
    assert sorted(row.id for row in found + rest) == sorted(event.data.case_id for event in opened)
    assert {row.kind for row in found + rest} == {"pending"}
    assert end == ""
