"""The survey of a closing: asked in the closing letter, sent when that letter is, answered once."""

from collections.abc import Mapping, Sequence
from typing import Any

from asyncpg import Record

from chassis.call import Call
from chassis.db import Tx
from chassis.envelope import Received
from chassis.errors import Conflict, NotFound
from chassis.ids import new_id
from notify.adapters import surveys
from notify.app.mailroom import SWITCHED_OFF, Mailroom
from notify.app.queries import identifier
from notify.app.survey_queries import shown
from notify.domain import survey as rules
from notify.domain.survey import Answer, Closing, Survey, Via
from redress.notify.v1 import events
from redress.notify.v1 import notify_pb2 as pb
from redress.workflow.v1.events import CaseClosed

_NO_ADDRESS = "no public address is configured, so a letter can carry no link"


async def ask_on_closing(room: Mailroom, tx: Tx, closed: Sequence[Received[CaseClosed]]) -> Mapping[str, str]:
    """The survey that the letter of a closing carries, by the closing event's id."""
    known = await surveys.of_cases(tx, sorted({event.data.case_id for event in closed}))
    old = {survey.survey_id for of_case in known.values() for survey in of_case}
    kept: dict[str, Survey] = {}
    for event in closed:
        told = Closing(event.data.case_id, event.event_id, event.data.outcome)
        mine = {survey.survey_id: survey for survey in known[told.case_id]}
        changed = rules.asked_on_closing(list(mine.values()), told, new_id(), _obstacle(room))
        mine |= {survey.survey_id: survey for survey in changed}
        kept |= {survey.survey_id: survey for survey in changed}
        known[told.case_id] = list(mine.values())
    await surveys.change(tx, [survey for survey in kept.values() if survey.survey_id in old])
    await surveys.add(tx, [survey for survey in kept.values() if survey.survey_id not in old])
    return {each.event_id: each.survey_id for each in kept.values() if each.event_id and _in_letter(each)}


async def letters_settled(tx: Tx, sent: Sequence[str], given_up: Mapping[str, str]) -> None:
    """What became of the letters that ask: ids of surveys sent, and of those not, with the reason."""
    await surveys.hold_all(tx, [*sent, *given_up])
    for row in await surveys.sent(tx, sent):
        _tell_sent(tx, row, row["version"])
    await surveys.unsent(tx, given_up)


async def answer_survey(tx: Tx, call: Call, request: pb.AnswerSurveyRequest) -> pb.Survey:
    """By the customer. The first answer stands; one that comes after it, or after the next closing, changes nothing.

    Raises NotFound, Invalid, Forbidden.
    """
    call.require("service")
    given = rules.checked(_answer(request))
    survey_id = str(identifier("survey_id", request.survey_id))
    held = await surveys.hold(tx, survey_id)
    if held is None:
        raise NotFound("there is no such survey")
    if held["state"] not in ("answered", "closed"):
        await _count(tx, call, survey_id, given, "link", told=held["sent_at"] is not None)
    return await shown(tx, survey_id)


async def record_call_back(tx: Tx, call: Call, request: pb.RecordSurveyAnswerRequest) -> pb.Survey:
    """What a customer said on the phone. While the case is open it answers for the closing to come, whose letter then
    does not ask again. Raises NotFound, Invalid, Conflict `survey_answered`, Forbidden."""
    call.require("customer_service")
    given = rules.checked(_answer(request))
    case = await surveys.hold_case(tx, request.case_id)
    if case is None:
        raise NotFound("there is no such case")
    known = (await surveys.of_cases(tx, [case.case_id]))[case.case_id]
    closing = rules.called_back_about(known, closed=case.closed)
    found = next((survey for survey in known if survey.closing == closing), None)
    if found is None:
        found = Survey(new_id(), case.case_id, closing, None, "waiting")
        await surveys.add(tx, [found])
    held = await surveys.hold(tx, found.survey_id)
    if held is None or held["state"] == "answered":
        raise Conflict("survey_answered", "this closing has been rated already; the first answer stands")
    await _count(tx, call, found.survey_id, given, "call_back", told=held["sent_at"] is not None)
    return await shown(tx, found.survey_id)


async def _count(tx: Tx, call: Call, survey_id: str, given: Answer, via: Via, *, told: bool) -> None:
    """`told`: others know that the customer was asked. Someone who answers was."""
    by = call.actor if via == "call_back" else None
    row = await surveys.answer(tx, survey_id, given, via, by, changes=1 if told else 2)
    if not told:
        _tell_sent(tx, row, row["version"] - 1)
    payload = events.SurveyAnswered(
        survey_id=survey_id,
        case_id=str(row["case_id"]),
        closing=row["closing"],
        process_rating=given.process_rating,
        result_rating=given.result_rating,
        sent_at=row["sent_at"],
        answered_at=tx.now,
        via=via,
    )
    tx.emit(payload, subject=survey_id, sequence=row["version"])
    ratings: Mapping[str, list[Any]] = {
        name: [None, getattr(given, name)] for name in ("process_rating", "result_rating")
    }
    tx.audit(aggregate_type="survey", aggregate_id=survey_id, action=f"answered by {via}", call=call, changes=ratings)


def _tell_sent(tx: Tx, row: Record, sequence: int) -> None:
    survey_id = str(row["survey_id"])
    payload = events.SurveySent(survey_id=survey_id, case_id=str(row["case_id"]), closing=row["closing"], at=tx.now)
    tx.emit(payload, subject=survey_id, sequence=sequence)


def _obstacle(room: Mailroom) -> str:
    if room.links is None:
        return _NO_ADDRESS
    return "" if room.open else SWITCHED_OFF


def _in_letter(survey: Survey) -> bool:
    """One skipped because mail is switched off is in its letter nevertheless, should that be sent one day."""
    return survey.state == "waiting" or survey.reason == SWITCHED_OFF


def _answer(request: pb.AnswerSurveyRequest | pb.RecordSurveyAnswerRequest) -> Answer:
    return Answer(
        request.process_rating if request.HasField("process_rating") else None,
        request.result_rating if request.HasField("result_rating") else None,
        request.comment,
    )
