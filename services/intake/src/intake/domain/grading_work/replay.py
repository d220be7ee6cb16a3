"""A back-test's arithmetic: both tables on the same facts, each distinct input evaluated once, and the sums of it."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from operator import itemgetter
from typing import Any

from intake.domain.complaint import GRADES, QUESTIONS_ASKED, Grade, stricter
from intake.domain.grading import Circumstances, Decide, Graded, Inputs, grade
from intake.domain.grading_table import GradingTable


class Remembering:
    """A `Decide` that asks once per distinct input: of a hundred thousand complaints only some hundreds differ."""

    def __init__(self, decide: Decide) -> None:
        self._decide = decide
        self._rows: dict[tuple[Any, ...], str] = {}

    def __call__(self, table: GradingTable, inputs: Inputs) -> str:
        key = (table.version, *map(inputs.get, table.columns))
        row = self._rows.get(key)
        if row is None:
            row = self._rows[key] = self._decide(table, inputs)
        return row

    @property
    def vectors(self) -> int:
        return len(self._rows)


@dataclass(frozen=True, slots=True)
class Judged:
    """A complaint under both tables."""

    before: Graded
    after: Graded

    @property
    def moved(self) -> bool:
        return self.before.grade != self.after.grade


class Both:
    """Grades by the table in force and by the draft, each distinct input once: of a hundred thousand complaints only
    some hundreds differ."""

    def __init__(self, current: GradingTable, draft: GradingTable, decide: Decide) -> None:
        self._current = current
        self._draft = draft
        self._decide = decide
        self._numbers = [name for name in _NUMBERS if name in {*current.columns, *draft.columns}]
        self._accounts = [frozenset(table.parameters["key_accounts"]) for table in (current, draft)]
        self._known: dict[tuple[Any, ...], Judged] = {}

    @property
    def vectors(self) -> int:
        return len(self._known)

    def __call__(self, facts: Mapping[str, Any], then: Circumstances, now: Circumstances) -> Judged:
        """`then`: as found when it was graded; `now`: as the draft's parameters would have found it."""
        key = self._key(facts, then, now)
        found = self._known.get(key)
        if found is None:
            before = grade(facts, then, table=self._current, decide=self._decide)
            after = grade(facts, now, table=self._draft, decide=self._decide)
            found = self._known[key] = Judged(before, after)
        return found

    def _key(self, facts: Mapping[str, Any], then: Circumstances, now: Circumstances) -> tuple[Any, ...]:
        customer = facts["customer_ref"]
        return (
            _answers(facts),
            *(customer in accounts for accounts in self._accounts),
            facts["customer_deadline"] is None,
            *(_NUMBERS[name](facts) for name in self._numbers),
            *(then.same_lot, then.repeat_r1, then.rate_exceeded, now.same_lot, now.repeat_r1, now.rate_exceeded),
        )


def _deadline(facts: Mapping[str, Any]) -> timedelta | None:
    deadline: datetime | None = facts["customer_deadline"]
    return None if deadline is None else deadline - facts["t_received"]


_answers = itemgetter(*QUESTIONS_ASKED, "safety_not_asked")
_NUMBERS: Mapping[str, Callable[[Mapping[str, Any]], Any]] = {
    "quantity": itemgetter("quantity"),
    "deadline_hours": _deadline,
}
"""Of what a complaint says; most tables do not ask for them, and nearly every complaint differs in them."""


@dataclass(slots=True)
class Sums:
    """What a back-test comes to."""

    complaints: int = 0
    moves: Counter[tuple[Grade, Grade]] = field(default_factory=Counter)
    load_before: Counter[tuple[date, Grade]] = field(default_factory=Counter)
    """By the Monday (UTC) of the week of registration."""
    load_after: Counter[tuple[date, Grade]] = field(default_factory=Counter)
    rows_before: Counter[str] = field(default_factory=Counter)
    rows_after: Counter[str] = field(default_factory=Counter)
    by_hand: int = 0

    def add(self, t_registered: datetime, one: Judged, *, by_hand: bool) -> None:
        week = t_registered.date() - timedelta(days=t_registered.weekday())
        self.complaints += 1
        self.load_before[week, one.before.grade] += 1
        self.load_after[week, one.after.grade] += 1
        self.rows_before[one.before.row] += 1
        self.rows_after[one.after.row] += 1
        if one.moved:
            self.moves[one.before.grade, one.after.grade] += 1
            self.by_hand += by_hand

    @property
    def changed(self) -> int:
        return self.moves.total()

    @property
    def tightened(self) -> int:
        return sum(n for (before, after), n in self.moves.items() if stricter(after, before))

    def weeks(self) -> list[tuple[date, Grade, int, int]]:
        """(week, grade, before, after) for every week with complaints, and every grade."""
        mondays = sorted({week for week, _ in self.load_before})
        return [(w, g, self.load_before[w, g], self.load_after[w, g]) for w in mondays for g in GRADES]
