"""People's work in the books: what was acknowledged is in effect, once."""

from collections import Counter
from collections.abc import Iterable, Sequence

from redress.catalog import TYPE_OF
from redress.workflow.v1.events import CaseClosed, ResponseSent, TaskCompleted
from redressctl.verify.books import Row
from tests.chaos.people import Work
from tests.chaos.reckoning import Reckoning, surplus


def reckon_work(work: Work, outbox: Sequence[Row], closing_letters: Iterable[str]) -> Reckoning:
    """`outbox`: workflow's. Nobody reopens a case in these runs, so each fact may be there once."""
    letters = list(closing_letters)
    answered, completed, closed = (_of(outbox, TYPE_OF[fact]) for fact in (ResponseSent, TaskCompleted, CaseClosed))
    return Reckoning(
        missing={
            "answers to customers": _missing(work.answered, answered),
            "completed tasks": _missing(work.completed, completed),
            "closed cases": _missing(work.closed, closed),
            "closing letters": _missing(work.closed, letters),
        },
        duplicated={
            "answers of one case": surplus(answered),
            "completions of one task": surplus(completed),
            "closures of one case": surplus(closed),
            "closing letters of one case": surplus(letters),
        },
    )


def _of(outbox: Iterable[Row], kind: str) -> list[str]:
    """Their subjects."""
    return [row.subject for row in outbox if row.kind == kind]


def _missing(acknowledged: Iterable[str], there: Iterable[str]) -> int:
    return (Counter(set(acknowledged)) - Counter(set(there))).total()
