"""One complaint through a table: which row fires, on which inputs, and why the rows above it did not."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.definition_store import decoded, one
from chassis.errors import FieldError, Invalid, Malformed
from intake.adapters.zen_grading import ZenGrading
from intake.app.grading import drafts
from intake.app.grading.editor import complete
from intake.app.grading_tables import GRADING_TABLE, NAME
from intake.app.load import READING, found
from intake.app.regrade import last_grading
from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.grading import Circumstances, grade
from intake.domain.grading_columns import WORDS
from intake.domain.grading_document import parse
from intake.domain.grading_table import GradingTable
from intake.domain.grading_work.explain import Met, RowTrace, traced
from redress.intake.v1 import grading_pb2 as pb

_MOST = 1_000_000_000
_NOTHING_KNOWN: Mapping[str, Any] = {
    **dict.fromkeys(QUESTIONS_ASKED, "unknown"),
    **dict.fromkeys(("repeat_r1", "rate_exceeded", "safety_not_asked"), "no"),
    "same_lot": 1,
    "quantity": 1,
    "customer_ref": None,
    "customer_deadline": None,
    "t_received": None,
}


async def simulate(tx: Tx, call: Call, request: pb.SimulateGradingRequest) -> pb.GradingSimulation:
    """On a complaint as it is stored, on made-up facts, or on a complaint with some facts changed. Nothing is kept.

    Raises Invalid naming each fact that cannot be, and each cell of a draft that cannot be used.
    """
    call.require(*READING)
    table, version = await _table(tx, request)
    recorded = await _stored(tx, call, request.complaint_id) if request.complaint_id else {}
    facts = {**_NOTHING_KNOWN, **recorded, **_given(request.facts)}
    around = Circumstances(facts["same_lot"], facts["repeat_r1"] == "yes", facts["rate_exceeded"] == "yes")
    answers = facts | {"safety_not_asked": facts["safety_not_asked"] == "yes"}
    graded = grade(answers, around, table=table, decide=ZenGrading([table]))
    return pb.GradingSimulation(
        grade=graded.grade,
        row=graded.row,
        inputs=msgspec.json.encode(graded.inputs).decode(),
        questions=graded.questions,
        table_version=version,
        rows=[_row(trace) for trace in traced(table, graded.inputs)],
        recorded_grade=recorded.get("grade"),
    )


async def _table(tx: Tx, request: pb.SimulateGradingRequest) -> tuple[GradingTable, int]:
    if request.HasField("draft_id"):
        draft = await drafts.found(tx, request.draft_id)
        return parse(complete(decoded(draft["document"]))), 0
    version = await one(tx, GRADING_TABLE.name, NAME, request.version)
    return parse(version.whole), version.version


async def _stored(tx: Tx, call: Call, name: str) -> dict[str, Any]:
    """Answers as they stand, circumstances as they were found when it was graded last."""
    row = await found(tx, call, name)
    inputs = (await last_grading(tx, row["complaint_id"]))["inputs"]
    kept = {key: inputs[key] for key in ("same_lot", "repeat_r1", "rate_exceeded") if key in inputs}
    facts = {key: row[key] for key in (*_NOTHING_KNOWN, "grade") if key in row.keys() - kept.keys()}
    return facts | kept | {"safety_not_asked": "yes" if row["safety_not_asked"] else "no"}


def _given(text: str) -> dict[str, Any]:
    try:
        facts = msgspec.json.decode(text or "{}")
    except (msgspec.DecodeError, RecursionError) as error:
        raise Malformed("the facts are not JSON", [FieldError("facts", "is not JSON")]) from error
    if not isinstance(facts, dict):
        raise Malformed("the facts are not an object", [FieldError("facts", "must be an object")])
    read = {name: _fact(name, value) for name, value in facts.items()}
    wrong = [FieldError(f"facts.{name[:63]}", text) for name, (_, text) in read.items() if text]
    if wrong:
        raise Invalid("these facts cannot be graded", wrong[:50])
    return {name: value for name, (value, _) in read.items()}


def _fact(name: str, value: Any) -> tuple[Any, str]:
    """The value as grading takes it, or what is wrong with it."""
    if name not in _NOTHING_KNOWN:
        return None, f"is not a fact; known are {', '.join(_NOTHING_KNOWN)}"
    if name in ("same_lot", "quantity"):
        sound = isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= _MOST
        return value, "" if sound else f"must be a whole number from 1 to {_MOST}"
    if name in WORDS and name != "customer_deadline":
        return value, "" if value in WORDS[name] else f"must be one of {', '.join(WORDS[name])}"
    if name == "customer_ref":
        return value, "" if value is None or (isinstance(value, str) and len(value) <= 100) else "must be a text"
    return _time(value)


def _time(value: Any) -> tuple[datetime | None, str]:
    if value is None:
        return None, ""
    try:
        found = msgspec.convert(value, datetime)
    except msgspec.ValidationError:
        return None, "must be RFC 3339 text with a time zone"
    return found, "" if found.tzinfo else "must be RFC 3339 text with a time zone"


def _row(trace: RowTrace) -> pb.SimulatedRow:
    conditions = [_condition(met) for met in trace.conditions]
    return pb.SimulatedRow(row=trace.row.id, grade=trace.row.grade, outcome=trace.outcome, conditions=conditions)


def _condition(met: Met) -> pb.SimulatedCondition:
    return pb.SimulatedCondition(
        column=met.condition.column,
        operator=met.condition.operator,
        wanted=str(met.condition.constant),
        found="" if met.found is None else str(met.found),
        holds=met.holds,
    )
