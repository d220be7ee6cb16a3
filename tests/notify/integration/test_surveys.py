"""A survey from the closing of a case to its answer, with real letters."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.errors import Conflict, Forbidden, NotFound
from chassis.ids import new_id
from notify.app import react, survey_queries, surveys
from notify.app.mailroom import Mailroom
from notify.app.send import Post, send_round
from redress.notify.v1 import notify_pb2 as pb

CallAs = Callable[..., Call]
PERFECT: dict[str, Any] = {"process_rating": 5, "result_rating": 5}


class Desk:
    """What happens to one case of one customer, as notify sees it."""

    def __init__(self, db: Database, room: Mailroom, post: Post, events: Any, call_as: CallAs) -> None:
        self.db, self.room, self.post, self.events, self.call_as = db, room, post, events, call_as
        self.opening = events.opened()
        self.case_id: str = self.opening.data.case_id
        self._sequence = 1

    async def open(self) -> None:
        await self._take(react.case_opened, self.opening)

    async def close(self, **more: Any) -> None:
        self._sequence += 1
        await self._take(react.case_closed, self.events.closed(self.case_id, self._sequence, **more))

    async def reopen(self) -> None:
        self._sequence += 1
        await self._take(react.case_reopened, self.events.reopened(self.case_id, self._sequence))

    async def send(self) -> None:
        await send_round(self.db, self.room, self.post)

    async def listed(self) -> list[pb.Survey]:
        """Oldest closing first."""
        async with self.db.read() as tx:
            request = pb.ListSurveysRequest(case_id=self.case_id)
            found = await survey_queries.list_surveys(tx, self.call_as("quality"), request)
        return sorted(found.surveys, key=lambda survey: survey.closing)

    async def answer(self, survey_id: str, **given: Any) -> pb.Survey:
        async with self.db.tx() as tx:
            request = pb.AnswerSurveyRequest(survey_id=survey_id, **(PERFECT | given))
            return await surveys.answer_survey(tx, self.call_as("service", actor="service:gateway"), request)

    async def call_back(self, *roles: str, **given: Any) -> pb.Survey:
        async with self.db.tx() as tx:
            request = pb.RecordSurveyAnswerRequest(**({"case_id": self.case_id} | PERFECT | given))
            return await surveys.record_call_back(tx, self.call_as(*(roles or ("customer_service",))), request)

    async def _take(self, reaction: Any, *received: Any) -> None:
        async with self.db.tx() as tx:
            await reaction(self.room, tx, received)


@pytest.fixture
async def desk(
    db: Database, room: Mailroom, post: Post, events: Any, call_as: CallAs, neighbours: Any, sink: Any, store: Any
) -> Desk:
    made = Desk(db, room, post, events, call_as)
    neighbours.intake.know(made.case_id, "zhang@example.com")
    await made.open()
    await made.send()
    sink.raw.clear()
    async with db.tx() as tx:
        await tx.execute("DELETE FROM outbox")
    return made


async def told(store: Any) -> list[tuple[str, int]]:
    """Events of surveys and their sequences."""
    found = [(event["type"].split(".")[3], int(event["sequence"]), event["type"]) for event in await store.emitted()]
    return [(fact, sequence) for fact, sequence, kind in found if ".survey." in kind]


async def test_the_closing_letter_asks_and_the_survey_is_sent_when_the_letter_is(
    desk: Desk, sink: Any, store: Any
) -> None:
    await desk.close()
    assert [survey.state for survey in await desk.listed()] == ["waiting"]
    await desk.send()
    (letter,) = [mail.get_content() for mail in sink.mails]
    assert len(re.findall(r"https://redress\.example/survey/[\w.-]+\r\n", letter)) == 1
    assert len(re.findall(r"https://redress\.example/status/[\w.-]+\r\n", letter)) == 1
    (survey,) = await desk.listed()
    assert (survey.state, survey.closing, survey.number) == ("sent", 1, "C26-0000042")
    assert await told(store) == [("sent", 2)]


async def test_an_answer_counts_once_and_the_first_one_stands(desk: Desk, store: Any) -> None:
    await desk.close()
    await desk.send()
    survey_id = (await desk.listed())[0].survey_id
    await desk.answer(survey_id, process_rating=4, result_rating=2, comment="还不错,但是太慢")
    again = await desk.answer(survey_id, process_rating=1, result_rating=1, comment="angry")
    assert (again.process_rating, again.result_rating, again.via) == (4, 2, "link")
    assert await told(store) == [("sent", 2), ("answered", 3)]
    (answered,) = [event for event in await store.emitted() if "answered" in event["type"]]
    data = answered["data"]
    assert (data["process_rating"], data["result_rating"], data["via"], data["closing"]) == (4, 2, "link", 1)
    assert "太慢" not in str(await store.emitted())
    assert (await desk.listed())[0].comment == "还不错,但是太慢"


async def test_an_answer_faster_than_the_note_of_its_sending_is_no_answer_to_an_unasked_question(
    desk: Desk, store: Any
) -> None:
    await desk.close()
    await desk.answer((await desk.listed())[0].survey_id)
    await desk.send()
    assert await told(store) == [("sent", 2), ("answered", 3)]


async def test_a_case_closed_again_asks_again_and_the_old_link_answers_nothing(desk: Desk, store: Any) -> None:
    await desk.close()
    await desk.send()
    await desk.reopen()
    await desk.close(first=False)
    await desk.send()
    first, second = await desk.listed()
    assert (first.state, second.state, second.closing) == ("closed", "sent", 2)
    assert not (await desk.answer(first.survey_id)).HasField("result_rating")
    assert (await desk.answer(second.survey_id)).state == "answered"
    assert [fact for fact, _ in await told(store)] == ["sent", "sent", "answered"]


@pytest.mark.parametrize("how", [{"outcome": "withdrawn"}, {"outcome": "duplicate", "path": "fast"}])
async def test_who_withdrew_or_complained_twice_is_not_asked(desk: Desk, sink: Any, how: Any, store: Any) -> None:
    await desk.close(**how)
    await desk.send()
    assert all("/survey/" not in mail.get_content() for mail in sink.mails)
    assert [survey.state for survey in await desk.listed()] == ["skipped"]
    assert await told(store) == []


async def test_nobody_is_counted_as_asked_whose_letter_did_not_go_out(desk: Desk, neighbours: Any, store: Any) -> None:
    neighbours.intake.know(desk.case_id, None)
    await desk.close()
    await desk.send()
    (survey,) = await desk.listed()
    assert (survey.state, survey.reason) == ("skipped", "no address that mail can go to")
    assert await told(store) == []


async def test_historical_cases_are_never_asked(desk: Desk) -> None:
    await desk.close(historical=True)
    assert await desk.listed() == []


async def test_a_call_back_before_the_closing_answers_for_it_and_the_letter_does_not_ask(
    desk: Desk, sink: Any, store: Any
) -> None:
    recorded = await desk.call_back(case_id="C26-0000042", comment="朋友推荐的")
    assert (recorded.closing, recorded.via, recorded.state) == (1, "call_back", "answered")
    assert recorded.recorded_by
    with pytest.raises(Conflict) as refused:
        await desk.call_back()
    assert refused.value.slug == "survey_answered"
    await desk.close()
    await desk.send()
    assert len(await desk.listed()) == 1
    assert "/survey/" not in sink.mails[0].get_content()
    assert await told(store) == [("sent", 2), ("answered", 3)]


async def test_a_call_back_after_the_closing_answers_the_survey_that_was_sent(desk: Desk, store: Any) -> None:
    await desk.close()
    await desk.send()
    sent = (await desk.listed())[0].survey_id
    assert (await desk.call_back(result_rating=2)).survey_id == sent
    await desk.reopen()
    assert (await desk.call_back()).closing == 2
    assert [fact for fact, _ in await told(store)] == ["sent", "answered", "sent", "answered"]


async def test_only_customer_service_records_and_only_those_who_look_after_customers_read(
    desk: Desk, db: Database, call_as: CallAs
) -> None:
    for role in ("engineer", "quality", "service"):
        with pytest.raises(Forbidden):
            await desk.call_back(role)
    with pytest.raises(NotFound):
        await desk.call_back(case_id=new_id())
    async with db.read() as tx:
        for role in ("engineer", "service"):
            with pytest.raises(Forbidden):
                await survey_queries.list_surveys(tx, call_as(role), pb.ListSurveysRequest())
        with pytest.raises(Forbidden):
            await survey_queries.get_survey(tx, call_as("manager"), pb.GetSurveyRequest(survey_id=new_id()))


async def test_without_a_public_address_letters_carry_no_links_and_nobody_is_asked(
    desk: Desk, make_room: Any, sink: Any
) -> None:
    desk.room = make_room(links=None)
    await desk.close()
    await desk.send()
    assert "http" not in sink.mails[0].get_content()
    assert [survey.state for survey in await desk.listed()] == ["skipped"]
