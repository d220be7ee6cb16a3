"""Registering in groups, against a real PostgreSQL."""

import asyncio
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import msgspec
import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.errors import Conflict, Forbidden, IdempotencyMismatch, Invalid, RedressError
from intake.app.group import Item
from intake.app.register import Register

Given = Callable[..., Any]
CallAs = Callable[..., Call]


def keyed(call: Call, key: str, submission: Any, body: bytes = b"one") -> Item:
    return Item(call.with_request(idempotency_key=key, traceparent=None), submission, body)


async def test_a_complaint_gets_its_number_grade_event_and_audit_entry(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    done = await intake.one(call, given(customer_email="ann@firm.example", lot="L1", legal="unknown"))
    assert (done.grade, done.grade_row, list(done.questions), done.version) == ("important", "unknown", ["safety"], 1)
    assert done.number.startswith(f"C{datetime.now(UTC):%y}-0000")
    (event,) = await intake.fetch("SELECT type, subject, sequence, body FROM outbox")
    assert (event["type"], event["subject"], event["sequence"]) == (
        "redress.intake.complaint.registered.v1",
        done.complaint_id,
        1,
    )
    data = msgspec.json.decode(event["body"])["data"]
    assert (data["number"], data["grade"], data["signature"]) == (done.number, "important", "pump p7|leak||l1")
    assert data["reachable"] is True
    assert b"firm.example" not in event["body"]
    assert b"Miller" not in event["body"]
    (entry,) = await intake.fetch("SELECT actor, action, changes FROM audit")
    assert (entry["actor"], entry["action"]) == (call.actor, "registered")
    assert "firm" not in entry["changes"]


async def test_a_bad_item_among_good_ones_is_refused_alone(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    items = [Item(call, given()), Item(call, given(description="", channel="pigeon")), Item(call, given())]
    first, refused, last = await intake.register(items)
    assert isinstance(refused, Invalid)
    assert {fault.field for fault in refused.fields} == {"description", "channel"}
    assert first.number < last.number
    assert await intake.count("complaints") == 2


async def test_what_the_database_refuses_hurts_only_its_own_item(
    intake: Any, given: Given, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("intake.domain.validation._CONTROL", re.compile("(?!)"))
    call = call_as("customer_service")
    items = [
        Item(call, given()),
        Item(call, given(product_model="a NUL \x00 slipped through")),
        Item(call, given()),
    ]
    first, refused, last = await intake.register(items)
    assert isinstance(refused, Invalid)
    assert first.number
    assert last.number
    assert await intake.count("complaints") == await intake.count("outbox") == 2


async def test_the_same_key_and_body_get_the_first_answer_again(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    (first,) = await intake.register([keyed(call, "k1", given())])
    (again,) = await intake.register([keyed(call, "k1", given())])
    assert again == first
    assert await intake.count("complaints") == 1


async def test_the_same_key_with_another_body_is_refused(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    await intake.register([keyed(call, "k1", given())])
    (again,) = await intake.register([keyed(call, "k1", given(), b"two")])
    assert isinstance(again, IdempotencyMismatch)
    assert await intake.count("complaints") == 1


async def test_equal_keys_inside_one_group_are_one_command(intake: Any, given: Given, call_as: CallAs) -> None:
    call, other = call_as("customer_service"), call_as("customer_service")
    items = [
        keyed(call, "k1", given()),
        keyed(call, "k1", given()),
        keyed(call, "k1", given(), b"two"),
        keyed(other, "k1", given()),
    ]
    first, same, mismatch, someone_else = await intake.register(items)
    assert same == first
    assert isinstance(mismatch, IdempotencyMismatch)
    assert someone_else.complaint_id != first.complaint_id
    assert await intake.count("complaints") == 2
    assert await intake.count("idempotency") == 2


async def test_a_refused_command_may_be_sent_again_under_its_key(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    (refused,) = await intake.register([keyed(call, "k1", given(description=""))])
    (done,) = await intake.register([keyed(call, "k1", given(), b"better")])
    assert isinstance(refused, Invalid)
    assert done.number


async def test_an_external_id_names_one_complaint_per_channel(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    items = [Item(call, given(external_id="X1")), Item(call, given(external_id="X1", description="told again"))]
    first, second = await intake.register(items)
    later = await intake.one(call, given(external_id="X1"))
    elsewhere = await intake.one(call, given(external_id="X1", channel="mail"))
    assert (first.existing, second.existing, later.existing, elsewhere.existing) == (False, True, True, False)
    assert first.complaint_id == second.complaint_id == later.complaint_id != elsewhere.complaint_id
    assert later.grade_row == first.grade_row
    assert await intake.count("outbox") == 2


async def test_two_groups_at_once_with_the_same_external_ids_open_each_once(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    names = [f"X{n}" for n in range(30)]
    forward = [Item(call, given(external_id=name)) for name in names]
    groups = await asyncio.gather(*(intake.register(forward[::step]) for step in (1, -1, 1, -1)))
    outcomes = [outcome for group in groups for outcome in group]
    assert not [outcome for outcome in outcomes if isinstance(outcome, RedressError)]
    assert sum(not outcome.existing for outcome in outcomes) == 30
    assert await intake.count("complaints") == await intake.count("outbox") == await intake.count("customers") == 30


async def test_two_groups_at_once_with_the_same_key_are_one_command(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    groups = await asyncio.gather(*(intake.register([keyed(call, "k1", given())]) for _ in range(6)))
    assert len({group[0].complaint_id for group in groups}) == 1
    assert await intake.count("complaints") == 1


async def test_a_batch_of_a_hundred_takes_a_bounded_number_of_statements(
    intake: Any, given: Given, call_as: CallAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    statements = _counting(monkeypatch)
    call = call_as("customer_service")
    items = [
        keyed(call, f"k{n}", given(external_id=f"X{n}", customer_email=f"a{n % 9}@b.example", lot=f"L{n}"))
        for n in range(100)
    ]
    outcomes = await intake.register(items)
    assert not [o for o in outcomes if isinstance(o, RedressError)]
    # 9 look-ups; one write for each of 7 tables, for persons, outbox and audit trail; clock, table, registers and
    # key of digests now and then.
    now_and_then = ("clock_timestamp", "published_definitions", "SELECT kind, name, version", "index_key")
    now_and_then += ("master_data_state",)
    assert len([sql for sql in statements if not any(part in sql for part in now_and_then)]) <= 19, statements


def _counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    statements: list[str] = []
    for name in ("fetch", "fetchval", "fetchrow", "execute"):
        monkeypatch.setattr(asyncpg.Connection, name, _noting(getattr(asyncpg.Connection, name), statements))
    copy = asyncpg.Connection.copy_records_to_table
    monkeypatch.setattr(asyncpg.Connection, "copy_records_to_table", _noting(copy, statements))
    return statements


def _noting(original: Any, statements: list[str]) -> Any:
    async def noted(self: Any, sql: str, *values: Any, **more: Any) -> Any:
        if sql not in ("BEGIN;", "COMMIT;"):
            statements.append(sql[:60])
        return await original(self, sql, *values, **more)

    return noted


async def test_who_may_not_register_is_refused_and_noted(intake: Any, given: Given, call_as: CallAs) -> None:
    for role in ("partner", "service"):
        assert isinstance(await intake.one(call_as(role, actor=role), given()), Forbidden)
    assert await intake.count("complaints") == 0
    entries = await intake.fetch("SELECT aggregate_id, action FROM audit ORDER BY seq")
    assert [tuple(entry) for entry in entries] == [
        ("access:partner", "refused RegisterCommand"),
        ("access:service", "refused RegisterCommand"),
    ]


async def test_a_channel_is_not_trusted_with_history(intake: Any, given: Given, call_as: CallAs) -> None:
    earlier = datetime.now(UTC) - timedelta(days=400)
    old = given(historical=True, t_received=earlier, t_closed=earlier + timedelta(days=3))
    assert isinstance(await intake.one(call_as("channel"), old), Forbidden)
    assert isinstance(await intake.one(call_as("channel"), given(safety_not_asked=True)), Forbidden)
    done = await intake.one(call_as("quality"), old)
    (event,) = await intake.fetch("SELECT body FROM outbox")
    data = msgspec.json.decode(event["body"])["data"]
    assert (data["complaint_id"], data["historical"]) == (done.complaint_id, True)
    assert datetime.fromisoformat(data["t_closed"]) == earlier + timedelta(days=3)
    assert (await intake.fetch("SELECT state FROM complaints"))[0]["state"] == "closed"


async def test_a_channel_learns_nothing_of_what_another_registered(intake: Any, given: Given, call_as: CallAs) -> None:
    await intake.one(call_as("channel"), given(external_id="X1"))
    refused = await intake.one(call_as("channel"), given(external_id="X1"))
    assert isinstance(refused, Conflict)
    assert refused.slug == "external_id_taken"


async def test_a_repeat_of_the_same_customer_is_proposed_and_raises_the_grade(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    long_ago = datetime.now(UTC) - timedelta(days=60)
    await intake.one(call, given(customer_phone="+86 138 0013 8000", t_received=long_ago))
    again = await intake.one(call, given(customer_phone="13800138000", description="It drips. Again!"))
    assert (again.grade, again.grade_row, again.proposals) == ("important", "5-repeat", 1)
    (proposal,) = await intake.fetch("SELECT level, basis, verdict FROM proposals")
    assert tuple(proposal) == ("R1", "signature", "open")


async def test_the_same_problem_of_others_is_proposed_but_raises_nothing_by_existing(
    intake: Any, given: Given, call_as: CallAs
) -> None:
    call = call_as("customer_service")
    for n in range(6):
        done = await intake.one(call, given(customer_ref=f"K{n}"))
    assert (done.grade, done.grade_row, done.proposals) == ("routine", "7", 3)


async def test_a_cell_above_its_usual_rate_raises_the_grade(intake: Any, given: Given, call_as: CallAs) -> None:
    call, now = call_as("customer_service"), datetime.now(UTC)
    old = [given(t_received=now - timedelta(days=days), lot=None) for days in range(40, 200, 40)]
    await intake.register([Item(call, one) for one in old])
    outcomes = await intake.register([Item(call, given(customer_ref=f"K{n}")) for n in range(6)])
    assert [outcome.grade_row for outcome in outcomes] == ["7", "7", "7", "7", "5-rate", "5-rate"]


async def test_the_third_complaint_of_a_lot_is_urgent(intake: Any, given: Given, call_as: CallAs) -> None:
    call = call_as("customer_service")
    first = await intake.one(call, given(lot="L-9", defect_code="other"))
    second, third = await intake.register(
        [Item(call, given(lot="l-9", defect_code="noise")), Item(call, given(lot="L-9"))]
    )
    assert [one.grade_row for one in (first, second, third)] == ["7", "7", "2-lot"]


async def test_nothing_can_be_registered_while_the_database_is_away(given: Given, call_as: CallAs, rules: Any) -> None:
    register = Register(Database("postgresql://nobody:x@127.0.0.1:1/none"), rules)
    with pytest.raises(RedressError) as refused:
        await register([Item(call_as("customer_service"), given())])
    assert refused.value.status == 503
