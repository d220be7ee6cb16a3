"""Whoever reported what was reported before hears of it, and how it ended; in whatever order the news comes."""

from datetime import UTC, datetime
from typing import Any

from chassis.db import Database
from chassis.envelope import Received
from chassis.ids import new_id
from notify.app import react
from notify.app.mailroom import Mailroom
from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintMerged

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)


def merged(complaint_id: str, into: str) -> Received[ComplaintMerged]:
    data = ComplaintMerged(complaint_id=complaint_id, into=into, at=AT)
    return Received(new_id(), TYPE_OF[ComplaintMerged], complaint_id, 2, AT, None, data)


async def take(db: Database, room: Mailroom, reaction: Any, *received: Any) -> None:
    async with db.tx() as tx:
        await reaction(room, tx, received)


async def letters(store: Any, case_id: str) -> list[str]:
    return [row["kind"] for row in await store.deliveries() if str(row["case_id"]) == case_id]


async def two_cases(db: Database, room: Mailroom, events: Any) -> tuple[str, str]:
    one, other = events.opened(), events.opened(number="C26-0000043")
    await take(db, room, react.case_opened, one, other)
    return one.data.case_id, other.data.case_id


async def test_the_reporter_of_a_merged_complaint_is_told_of_it_and_of_the_end(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    main, again = await two_cases(db, room, events)
    news = merged(again, main)
    await take(db, room, react.complaint_merged, news)
    await take(db, room, react.complaint_merged, news)
    await take(db, room, react.case_closed, events.closed(main))
    assert await letters(store, again) == ["receipt", "merged", "case_closed"]
    assert await letters(store, main) == ["receipt", "case_closed"]
    rows = {row["kind"]: row["facts"] for row in await store.deliveries() if str(row["case_id"]) == again}
    assert rows["merged"] == {"joined": "C26-0000042"}
    assert rows["case_closed"]["outcome"] == "resolved"
    assert rows["case_closed"]["survey_id"] is None


async def test_a_merged_case_that_ends_as_a_duplicate_is_one_letter_whichever_news_comes_first(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    main, again = await two_cases(db, room, events)
    await take(db, room, react.complaint_merged, merged(again, main))
    await take(db, room, react.case_closed, events.closed(again, outcome="duplicate", remedy=None))
    assert await letters(store, again) == ["receipt", "merged"]
    main, again = await two_cases(db, room, events)
    await take(db, room, react.case_closed, events.closed(again, outcome="duplicate", remedy=None))
    await take(db, room, react.complaint_merged, merged(again, main))
    assert await letters(store, again) == ["receipt", "case_closed"]


async def test_a_merge_into_what_is_closed_already_brings_the_end_with_it(
    db: Database, room: Mailroom, events: Any, store: Any
) -> None:
    main, again = await two_cases(db, room, events)
    await take(db, room, react.case_closed, events.closed(main))
    await take(db, room, react.complaint_merged, merged(again, main))
    assert sorted(await letters(store, again)) == ["case_closed", "merged", "receipt"]


async def test_a_chain_of_merges_ends_with_the_last_one(db: Database, room: Mailroom, events: Any, store: Any) -> None:
    main, again = await two_cases(db, room, events)
    first = events.opened(number="C26-0000041")
    await take(db, room, react.case_opened, first)
    await take(db, room, react.complaint_merged, merged(again, main))
    await take(db, room, react.complaint_merged, merged(main, first.data.case_id))
    await take(db, room, react.case_closed, events.closed(first.data.case_id))
    assert "case_closed" in await letters(store, again)


async def test_who_never_got_a_receipt_is_not_written_to(db: Database, room: Mailroom, events: Any, store: Any) -> None:
    main, past = events.opened(), events.opened(historical=True)
    await take(db, room, react.case_opened, main, past)
    await take(db, room, react.complaint_merged, merged(past.data.case_id, main.data.case_id))
    await take(db, room, react.case_closed, events.closed(main.data.case_id))
    assert await letters(store, past.data.case_id) == []
