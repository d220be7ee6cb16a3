"""Public bodies: their number stands once, and their answer is due back."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chassis.errors import Conflict, IllegalTransition, Invalid
from intake.app.channels.answers import list_due_answers, overdue, record_answer_back
from intake.app.grading_tables import Registrars
from intake.app.group import Item
from intake.app.queries import get_complaint
from intake.app.register import Register
from intake.domain.complaint import Submission
from redress.intake.v1 import channels_pb2 as pb
from redress.intake.v1 import intake_pb2
from tests.intake.channel_doors import STAFF, Doors


@pytest.fixture
def doors(service_db: Any) -> Doors:
    return Doors(service_db("intake"))


@pytest.fixture
def made(doors: Doors, given: Callable[..., Submission]) -> Callable[..., Any]:
    async def register(**changes: Any) -> Any:
        usual = {"channel": "", "channel_id": "authority-12315", "external_id": "GD-2026-001", "customer_name": ""}
        item = Item.without_key(STAFF, given(**(usual | changes)))
        return (await Register(doors.db, Registrars())([item]))[0]

    return register


async def test_the_number_of_a_public_body_is_registered_once_per_body(doors: Doors, made: Callable[..., Any]) -> None:
    await doors.channel("authority_12315", {}, options={"answer_days": 7})
    await doors.channel("authority_12345", {})
    first, again = await made(), await made(description="The same once more, in other words")
    assert (again.existing, again.number) == (True, first.number)
    other = await made(channel_id="authority-12345")
    assert not other.existing
    [row] = await doors.fetch("SELECT * FROM complaints WHERE number = $1", first.number)
    assert (row["channel"], row["channel_id"]) == ("authority", "authority-12315")
    assert row["answer_due"] - row["t_received"] == timedelta(days=7)
    shown = await doors.shown("authority-12315")
    assert [(one.outcome, one.n) for one in shown.counts] == [("registered", 1)]


async def test_an_answer_is_due_until_it_is_given_back(doors: Doors, made: Callable[..., Any], now: Any) -> None:
    await doors.channel("authority_12315", {})
    async with doors.db.read() as tx:
        now = tx.now
    late = await made(answer_due=now - timedelta(hours=1), t_received=now - timedelta(days=3))
    soon = await made(external_id="GD-2", answer_due=now + timedelta(days=1))

    async def listed(**given: Any) -> list[str]:
        reply = await doors.run(list_due_answers, pb.ListDueAnswersRequest(**given), STAFF)
        return [one.number for one in reply.answers]

    assert await listed() == [late.number, soon.number]
    assert await listed(standing="overdue", channel_id="authority-12315") == [late.number]
    async with doors.db.read() as tx:
        assert await overdue(tx) == 1
    answer = pb.RecordAnswerBackRequest(complaint_id=late.number, answer="已更换仪表并回访,用户满意")
    given_back = await doors.run(record_answer_back, answer, STAFF)
    assert (given_back.answer, given_back.overdue, given_back.answered_by) == (answer.answer, True, STAFF.actor)
    with pytest.raises(IllegalTransition):
        await doors.run(record_answer_back, answer, STAFF)
    assert await listed() == [soon.number]
    assert await listed(standing="answered") == [late.number]
    [row] = await doors.fetch("SELECT sealed FROM answers_back")
    assert "更换".encode() not in row["sealed"]


async def test_what_nobody_waits_for_is_not_answered(doors: Doors, made: Callable[..., Any]) -> None:
    by_phone = await made(channel_id=None, channel="phone", customer_name="Ann Miller", taken_by="李雷")
    with pytest.raises(Conflict):
        await doors.run(record_answer_back, pb.RecordAnswerBackRequest(complaint_id=by_phone.number, answer="x"), STAFF)


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"channel_id": "nobody"}, "channel_id"), ({"channel": "mail"}, "channel"), ({"channel_id": "off"}, "channel_id")],
)
async def test_a_complaint_fits_the_channel_it_names(
    doors: Doors, made: Callable[..., Any], changes: dict[str, str], field: str
) -> None:
    await doors.channel("authority_12315", {})
    await doors.fetch("UPDATE channels SET enabled = false WHERE channel_id = 'social' RETURNING 1")
    refused = await made(**({"channel_id": "social"} if changes.get("channel_id") == "off" else changes))
    assert isinstance(refused, Invalid)
    assert [fault.field for fault in refused.fields] == [field]


async def test_pages_of_due_answers_follow_each_other(doors: Doors, made: Callable[..., Any]) -> None:
    await doors.channel("authority_12315", {}, options={"answer_days": 5})
    numbers = [(await made(external_id=f"N{n}")).number for n in range(5)]
    seen: list[str] = []
    request = pb.ListDueAnswersRequest()
    while True:
        request.page.limit = 2
        reply = await doors.run(list_due_answers, request, STAFF)
        seen += [one.number for one in reply.answers]
        if not reply.next_cursor:
            break
        request.page.cursor = reply.next_cursor
    assert sorted(seen) == numbers


async def test_a_complaint_tells_its_channel_and_who_took_it(doors: Doors, made: Callable[..., Any]) -> None:
    by_phone = await made(channel_id="phone", customer_name="Ann Miller", taken_by="李雷", external_id=None)
    found = await doors.run(get_complaint, intake_pb2.GetComplaintRequest(complaint_id=by_phone.number), STAFF)
    assert (found.channel, found.channel_id, found.taken_by) == ("phone", "phone", "李雷")
