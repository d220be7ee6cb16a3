"""The triage grade: minutes after receipt, drives the clock (DOMAIN §10). Not the risk class of a defect."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from intake.domain.complaint import QUESTIONS_ASKED, Grade, Submission, stricter
from intake.domain.grading_table import GradingTable

Inputs = Mapping[str, str | int]
_FACTS = (*QUESTIONS_ASKED, "customer_ref", "customer_deadline", "t_received", "quantity")
Decide = Callable[[GradingTable, Inputs], str]
"""Finds the id of the first row that holds."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What only the records know about a new complaint."""

    same_lot: int = 1
    """Complaints of its lot within the repeat window, itself included; 1 when the lot is not known."""
    repeat_r1: bool = False
    rate_exceeded: bool = False


@dataclass(frozen=True, slots=True)
class Graded:
    """A grade with its trace: the row that fired, on which inputs, in which table."""

    grade: Grade
    row: str
    inputs: Inputs
    table: str
    version: int
    questions: list[str]


def grade(
    answers: Mapping[str, Any] | Submission, around: Circumstances, *, table: GradingTable, decide: Decide
) -> Graded:
    """Grades by the table. A missing answer to a question of rows 1-3 asks for it and never leads to `routine`, unless
    the record's source could not ask (`safety_not_asked`): then the rest of the table decides and the trace says so.
    """
    facts = {name: _get(answers, name) for name in _FACTS}
    not_asked = bool(_get(answers, "safety_not_asked"))
    questions = [] if not_asked else open_questions(facts, table)
    inputs = _inputs(facts, around, questions, table) | {"safety_not_asked": _yes(not_asked)}
    row = decide(table, inputs)
    return Graded(table.grade_of(row), row, inputs, table.name, table.version, questions)


def open_questions(answers: Mapping[str, Any], table: GradingTable) -> list[str]:
    """Ids of the table's questions of which an answer is missing."""
    return [q.id for q in table.questions if any(answers.get(column, "unknown") == "unknown" for column in q.columns)]


def _inputs(
    facts: Mapping[str, Any], around: Circumstances, questions: list[str], table: GradingTable
) -> dict[str, str | int]:
    inputs: dict[str, str | int] = {name: facts[name] for name in QUESTIONS_ASKED}
    if facts["customer_ref"] and facts["customer_ref"] in table.parameters["key_accounts"]:
        inputs["key_account"] = "yes"
    if facts["customer_deadline"] is not None and facts["t_received"] is not None:
        left = facts["customer_deadline"] - facts["t_received"]
        inputs["deadline_hours"] = max(0, int(left / timedelta(hours=1)))
    return inputs | {
        "quantity": facts["quantity"] or 1,
        "same_lot": around.same_lot,
        "repeat_r1": _yes(around.repeat_r1),
        "rate_exceeded": _yes(around.rate_exceeded),
        "customer_deadline": _yes(facts["customer_deadline"] is not None),
        "unanswered": _yes(bool(questions)),
    }


def _get(answers: Mapping[str, Any] | Submission, name: str) -> Any:
    return getattr(answers, name) if isinstance(answers, Submission) else answers[name]


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def regrade_reason(before: list[str], after: list[str]) -> str:
    """Why a changed input changed the grade: an answered question, or something learned since."""
    return "safety_answered" if set(before) - set(after) else "new_information"


def rests_on_other(before: Inputs, now: Inputs, columns: Iterable[str]) -> bool:
    """Whether a grade rests on something else than the one before, in the columns of its table. What an older trace
    does not know was not asked then."""
    return any(name in before and before[name] != now.get(name) for name in columns)


def table_applies(current: Grade, *, by_hand: bool, table: Grade) -> bool:
    """A grade set by hand is not undone by the table; the table may only raise it."""
    return not by_hand or stricter(table, current)
