"""Whom we ask whether they were satisfied (ISO 10002:2018 8.3), about which closing of a case, and once.

waiting → sent → answered · closed, when the case was closed again before an answer · skipped, when nobody was asked.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from chassis.errors import FieldError, Invalid

State = Literal["waiting", "sent", "answered", "closed", "skipped"]
Via = Literal["link", "call_back"]

STATES: tuple[State, ...] = ("waiting", "sent", "answered", "closed", "skipped")
LONGEST_COMMENT = 2000
_UNASKED = {
    "duplicate": "the complaint was a duplicate",
    "withdrawn": "the customer withdrew the complaint",
}


@dataclass(frozen=True)
class Closing:
    case_id: str
    event_id: str
    outcome: str


@dataclass(frozen=True)
class Survey:
    """`event_id`: the closing it asks about; None while a call-back has answered ahead of it."""

    survey_id: str
    case_id: str
    closing: int
    event_id: str | None
    state: State
    reason: str = ""


@dataclass(frozen=True)
class Answer:
    """1 very dissatisfied … 5 very satisfied; a comment is personal data."""

    process_rating: int | None
    result_rating: int | None
    comment: str = ""


def checked(answer: Answer) -> Answer:
    """Raises Invalid naming what is wrong: no rating at all, one outside 1 to 5, a comment too long."""
    wrong = [
        FieldError(name, "1 to 5")
        for name in ("process_rating", "result_rating")
        if getattr(answer, name) is not None and not 1 <= getattr(answer, name) <= 5
    ]
    if answer.process_rating is None and answer.result_rating is None:
        wrong.append(FieldError("process_rating", "one of the two ratings is needed"))
    if len(answer.comment) > LONGEST_COMMENT or "\x00" in answer.comment:
        wrong.append(FieldError("comment", f"at most {LONGEST_COMMENT} characters, none of them NUL"))
    if wrong:
        raise Invalid("the answer does not fit", wrong)
    return replace(answer, comment=answer.comment.strip())


def closings_of(known: Sequence[Survey]) -> int:
    """How often the case has been closed."""
    return max((survey.closing for survey in known if survey.event_id), default=0)


def asked_on_closing(known: Sequence[Survey], closing: Closing, survey_id: str, obstacle: str) -> list[Survey]:
    """The surveys of one case that a closing changes or adds; none for a closing already known.

    Whoever was called back ahead of the closing is not asked again. `obstacle`: why nobody can be asked now.
    """
    if any(survey.event_id == closing.event_id for survey in known):
        return []
    number = closings_of(known) + 1
    ahead = next((survey for survey in known if survey.closing == number), None)
    reason = _UNASKED.get(closing.outcome, obstacle)
    state: State = "skipped" if reason else "waiting"
    new = Survey(survey_id, closing.case_id, number, closing.event_id, state, reason)
    unanswered = [survey for survey in known if survey.state in ("waiting", "sent") and survey.closing < number]
    return [
        *(replace(survey, state="closed") for survey in unanswered),
        replace(ahead, event_id=closing.event_id) if ahead else new,
    ]


def called_back_about(known: Sequence[Survey], *, closed: bool) -> int:
    """Which closing a call-back speaks of: the last one, or while the case is open the one it is heading for."""
    return max(1, closings_of(known) + (not closed))
