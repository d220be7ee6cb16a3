"""Rounds of sending against a real mail server."""

from datetime import timedelta
from typing import Any

import pytest

from chassis import asking
from chassis.db import Database
from chassis.ids import new_id
from notify.adapters import deliveries
from notify.adapters.contacts import Customers
from notify.adapters.smtp import Access, MailServer
from notify.app import react
from notify.app.digest import make_digests
from notify.app.mailroom import Mailroom
from notify.app.send import Post, Round, send_round
from notify.app.settle import Outcome, settle_round
from notify.domain.delivery import Answer


@pytest.fixture
def open_case(db: Database, room: Mailroom, events: Any, neighbours: Any) -> Any:
    """Opens a case whose customer intake knows by `email`."""

    async def open_one(email: str | None = "zhang@example.com", **more: Any) -> str:
        opened = events.opened(**more)
        neighbours.intake.know(opened.data.case_id, email)
        async with db.tx() as tx:
            await react.case_opened(room, tx, [opened])
        return str(opened.data.case_id)

    return open_one


async def test_a_receipt_goes_out_and_is_told_to_others(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any
) -> None:
    case_id = await open_case()
    assert await send_round(db, room, post) == Round(1, 1)
    (mail,) = sink.mails
    (row,) = await store.deliveries()
    assert sink.recipients == ["zhang@example.com"]
    assert mail["X-Redress-Kind"] == "receipt"
    assert mail["X-Redress-Delivery"] == str(row["delivery_id"])
    assert mail["Message-ID"] == row["message_id"] == f"<{row['delivery_id']}@acme.example>"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert "C26-0000042" in mail["Subject"]
    assert "尊敬的张三" in mail.get_content()
    assert row["state"] == "sent"
    (event,) = await store.emitted()
    assert event["type"] == "redress.notify.delivery.sent.v1"
    assert (event["data"]["case_id"], event["data"]["kind"]) == (case_id, "receipt")
    assert event["sequence"] == str(row["version"])
    assert await store.log() == ["250 kept for <address>"]


async def test_a_temporary_refusal_is_tried_again(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any
) -> None:
    sink.data_answers = ["451 4.3.0 zhang@example.com: try again later"]
    await open_case()
    await send_round(db, room, post)
    assert await store.states() == ["pending"]
    await send_round(db, room, post)
    (row,) = await store.deliveries()
    assert (row["state"], row["attempts"], row["error"]) == ("sent", 2, "")
    assert await store.log() == ["451 4.3.0 <address>: try again later", "250 kept for <address>"]
    assert [event["data"]["attempts"] for event in await store.emitted()] == [2]


async def test_temporary_refusals_end_with_the_last_attempt(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any
) -> None:
    sink.rcpt_answers = ["450 busy"] * 5
    await open_case()
    for _ in range(5):
        await send_round(db, room, post)
    (row,) = await store.deliveries()
    assert (row["state"], row["attempts"]) == ("failed", 3)
    assert [event["type"] for event in await store.emitted()] == ["redress.notify.delivery.failed.v1"]


async def test_a_permanent_refusal_fails_at_once_and_does_not_hold_up_the_others(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any
) -> None:
    sink.rcpt_answers = ["550 5.1.1 <zhang@example.com> unknown"]
    await open_case()
    await open_case()
    await send_round(db, room, post)
    assert sorted(await store.states()) == ["failed", "sent"]
    assert "zhang" not in "".join(await store.log())
    assert {event["type"].split(".")[3] for event in await store.emitted()} == {"sent", "failed"}


async def test_a_killed_senders_mail_is_taken_up_again(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any
) -> None:
    await open_case()
    async with db.tx() as tx:
        await deliveries.claim(tx, new_id(), timedelta(seconds=30), 50)
    assert await store.states() == ["sending"]
    assert await send_round(db, room, post) == Round(0, 0)
    async with db.tx() as tx:
        await tx.execute("UPDATE deliveries SET next_attempt_at = next_attempt_at - interval '30 seconds'")
    assert await send_round(db, room, post) == Round(1, 1)
    assert await store.states() == ["sent"]


async def test_a_sender_that_lost_its_claim_settles_nothing(
    db: Database, room: Mailroom, store: Any, open_case: Any, events: Any
) -> None:
    await open_case()
    late, other = new_id(), new_id()
    async with db.tx() as tx:
        (row,) = await deliveries.claim(tx, late, timedelta(0), 50)
    async with db.tx() as tx:
        assert len(await deliveries.claim(tx, other, timedelta(seconds=30), 50)) == 1
    outcome = Outcome(
        delivery_id=str(row["delivery_id"]),
        kind="receipt",
        case_id=str(row["case_id"]),
        task_id=None,
        attempts=0,
        answer=Answer("accepted", "250 ok"),
        at=events.at,
        language="zh",
        message_id="",
    )
    async with db.tx() as tx:
        await settle_round(tx, late, [outcome], room.retry)
    assert await store.states() == ["sending"]
    assert await store.emitted() == []


async def test_two_senders_never_take_the_same_row(db: Database, room: Mailroom, open_case: Any) -> None:
    for _ in range(5):
        await open_case()
    async with db.tx() as one, db.tx() as two:
        first = await deliveries.claim(one, new_id(), room.claim, 3)
        second = await deliveries.claim(two, new_id(), room.claim, 3)
    assert len({row["delivery_id"] for row in first} | {row["delivery_id"] for row in second}) == 5


async def test_while_intake_is_away_receipts_wait_without_losing_attempts(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, open_case: Any, neighbours: Any
) -> None:
    channel = asking.channel("127.0.0.1:1")
    away = Post(post.server, post.sender, Customers(channel, lambda: "t", 1.0), post.colleagues)
    await open_case()
    for _ in range(5):
        assert await send_round(db, room, away) == Round(1, 0)
    (row,) = await store.deliveries()
    assert (row["state"], row["attempts"], row["error"]) == ("pending", 0, "intake: unavailable")
    assert await store.emitted() == []
    assert await send_round(db, room, post) == Round(1, 1)
    assert await store.states() == ["sent"]
    await channel.close()


async def test_while_the_mail_server_is_away_most_mails_keep_their_attempts(
    db: Database, room: Mailroom, post: Post, store: Any, open_case: Any
) -> None:
    gone = MailServer(Access("127.0.0.1", 1, "a@b.example", "b.example", None, None, False, 1.0), 2, lambda _: None)
    for _ in range(10):
        await open_case()
    await send_round(db, room, Post(gone, post.sender, post.customers, post.colleagues))
    rows = await store.deliveries()
    assert {row["state"] for row in rows} == {"pending"}
    assert sorted(row["attempts"] for row in rows) == [0] * 8 + [1] * 2
    await send_round(db, room, post)
    assert await store.states() == ["sent"] * 10


@pytest.mark.parametrize("email", [None, "", "not an address"])
async def test_a_customer_without_an_address_after_all_is_skipped(
    db: Database, room: Mailroom, post: Post, store: Any, open_case: Any, email: str | None
) -> None:
    await open_case(email)
    await send_round(db, room, post)
    (row,) = await store.deliveries()
    assert (row["state"], row["error"]) == ("skipped", "no address that mail can go to")
    assert await store.emitted() == []


async def test_fifty_receipts_ask_intake_once_and_share_a_few_connections(
    db: Database, room: Mailroom, post: Post, sink: Any, open_case: Any, neighbours: Any
) -> None:
    for _ in range(60):
        await open_case()
    assert await send_round(db, room, post) == Round(50, 50)
    assert await send_round(db, room, post) == Round(10, 10)
    assert [len(asked) for asked in neighbours.intake.asked] == [50, 10]
    assert len(sink.raw) == 60
    assert len(sink.sessions) <= 3


async def test_a_digest_is_one_mail_in_the_colleagues_language_and_one_event(
    db: Database, room: Mailroom, post: Post, sink: Any, store: Any, events: Any, neighbours: Any
) -> None:
    neighbours.gateway.know("anna", "zh")
    neighbours.gateway.know("gone", disabled=True)
    async with db.tx() as tx:
        await react.task_escalated(room, tx, [events.escalated("anna", "gone") for _ in range(20)])
    await make_digests(db, room)
    await send_round(db, room, post)
    (mail,) = sink.mails
    assert mail["Subject"] == "逾期任务升级：20 项"
    assert mail.get_content().count("C26-0000088") == 20
    assert sorted(await store.states()) == ["sent", "skipped"]
    (event,) = await store.emitted()
    assert (event["data"]["kind"], event["data"]["task_id"]) == ("escalation", None)


async def test_colleagues_are_asked_for_once_in_a_while_and_customers_every_time(
    db: Database, room: Mailroom, post: Post, events: Any, neighbours: Any, open_case: Any
) -> None:
    neighbours.gateway.know("anna")
    for _ in range(2):
        await open_case()
        async with db.tx() as tx:
            await react.task_escalated(room, tx, [events.escalated("anna")])
        await make_digests(db, room)
        await send_round(db, room, post)
    assert len(neighbours.gateway.asked) == 1
    assert len(neighbours.intake.asked) == 2


async def test_a_delivery_of_newer_templates_waits_for_a_newer_sender(
    db: Database, room: Mailroom, post: Post, store: Any, open_case: Any
) -> None:
    await open_case()
    async with db.tx() as tx:
        await tx.execute("UPDATE deliveries SET template_version = 99")
    await send_round(db, room, post)
    (row,) = await store.deliveries()
    assert (row["state"], row["attempts"]) == ("pending", 0)
