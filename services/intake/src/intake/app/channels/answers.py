"""Answers that public bodies want back: which are due, and that they were given."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, IllegalTransition, Invalid
from chassis.messages import from_timestamp, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import notes
from intake.adapters.adoption import owner_of
from intake.app.load import WORKING, held
from intake.domain.validation import CLOCK_SKEW
from redress.intake.v1 import channels_pb2 as pb

READING = ("customer_service", "engineer", "quality", "manager")
MAX_ANSWER = 20_000
STANDINGS = ("open", "overdue", "answered")
_SELECT = """SELECT c.complaint_id, c.number, c.channel_id, c.external_id, c.answer_due, c.answered_at, c.state,
 c.version, a.sealed, a.person_id, a.by AS answered_by, p.sealed_key FROM complaints c
 LEFT JOIN answers_back a USING (complaint_id) LEFT JOIN persons p ON p.person_id = a.person_id"""
_LIST = f"""{_SELECT} WHERE c.answer_due IS NOT NULL AND (c.answered_at IS NOT NULL) = $1
 AND ($2::timestamptz IS NULL OR c.answer_due < $2) AND ($3::text IS NULL OR c.channel_id = $3)
 AND ($4::timestamptz IS NULL OR (c.answer_due, c.complaint_id) > ($4, $5::uuid))
 ORDER BY c.answer_due, c.complaint_id LIMIT $6"""
_OVERDUE = "SELECT count(*) FROM complaints WHERE answer_due < $1 AND answered_at IS NULL"


async def list_due_answers(tx: Tx, call: Call, request: pb.ListDueAnswersRequest) -> pb.ListDueAnswersReply:
    call.require(*READING)
    standing = request.standing if request.HasField("standing") else "open"
    if standing not in STANDINGS:
        raise Invalid("the filter does not fit", [FieldError("standing", f"must be one of {', '.join(STANDINGS)}")])
    limit = limit_of(request.page)
    due, complaint_id = decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await tx.fetch(
        _LIST,
        standing == "answered",
        _before(tx, request, standing),
        request.channel_id if request.HasField("channel_id") else None,
        due,
        complaint_id,
        limit + 1,
    )
    last = rows[limit - 1] if len(rows) > limit else None
    cursor = encode_cursor(last["answer_due"], str(last["complaint_id"])) if last else ""
    return pb.ListDueAnswersReply(answers=[_message(tx, row) for row in rows[:limit]], next_cursor=cursor)


async def record_answer_back(tx: Tx, call: Call, request: pb.RecordAnswerBackRequest) -> pb.DueAnswer:
    """Once: what was told to a public body stands. Raises Conflict for a complaint that no public body waits for."""
    call.require(*WORKING)
    row = await held(tx, call, request.complaint_id)
    if row["answer_due"] is None and row["channel"] != "authority":
        raise Conflict("no_answer_due", "no public body waits for an answer about this complaint")
    if row["answered_at"] is not None:
        raise IllegalTransition("the answer was given back already")
    at, answer = from_timestamp(request, "answered_at") or tx.now, request.answer.strip()
    _check(answer, at, row["t_received"], tx.now)
    await _keep(tx, call, str(row["complaint_id"]), answer, at)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(row["complaint_id"]),
        action="answer given back",
        call=call,
        changes={"answered_at": [None, at.isoformat()]},
    )
    found = await tx.fetchrow(f"{_SELECT} WHERE c.complaint_id = $1", row["complaint_id"])
    return _message(tx, found)


async def overdue(tx: Tx) -> int:
    return int(await tx.fetchval(_OVERDUE, tx.now))


def _before(tx: Tx, request: pb.ListDueAnswersRequest, standing: str) -> datetime | None:
    named = from_timestamp(request, "due_before")
    if standing != "overdue":
        return named
    return min(named, tx.now) if named else tx.now


def _check(answer: str, at: datetime, received: datetime, now: datetime) -> None:
    faults = []
    if not answer or len(answer) > MAX_ANSWER or "\x00" in answer:
        faults.append(FieldError("answer", f"must be 1 to {MAX_ANSWER} characters, no NUL"))
    if at > now + CLOCK_SKEW:
        faults.append(FieldError("answered_at", "lies in the future"))
    if at < received - CLOCK_SKEW:
        faults.append(FieldError("answered_at", "lies before t_received"))
    if faults:
        raise Invalid("the answer cannot be recorded", faults)


async def _keep(tx: Tx, call: Call, complaint_id: str, answer: str, at: datetime) -> None:
    """Sealed for the person it is about."""
    whose = await owner_of(tx, complaint_id)
    if whose is None:
        raise Conflict("erased", "the person behind this complaint was erased")
    await tx.execute("UPDATE complaints SET answered_at = $2 WHERE complaint_id = $1", complaint_id, at)
    sealed = notes.seal_texts(whose, _place(complaint_id), answer)
    await tx.execute(
        "INSERT INTO answers_back (complaint_id, person_id, sealed, at, by) VALUES ($1, $2, $3, $4, $5)",
        *(complaint_id, whose.person_id, sealed, at, call.actor),
    )


def _message(tx: Tx, row: Any) -> pb.DueAnswer:
    told = notes.texts_of(tx.sealer, row, _place(row["complaint_id"]), ("answer",)) if row["person_id"] else {}
    late = row["answer_due"] is not None and (row["answered_at"] or tx.now) > row["answer_due"]
    return to_message(pb.DueAnswer, dict(row) | told | {"overdue": late})


def _place(complaint_id: object) -> str:
    return f"answer/{complaint_id}"
