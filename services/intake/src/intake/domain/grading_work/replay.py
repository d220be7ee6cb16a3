"""A back-test's arithmetic: both tables on the same facts, each distinct input evaluated once, and the sums of it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from intake.domain.complaint import GRADES, Grade, stricter
from intake.domain.grading import Circumstances, Decide, Graded, Inputs, grade
from intake.domain.grading_table import GradingTable
from intake.domain.rates import RateThreshold


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


def judged(
    facts: Mapping[str, Any],
    then: Circumstances,
    now: Circumstances,
    *,
    current: GradingTable,
    draft: GradingTable,
    decide: Decide,
) -> Judged:
    """`then`: as found when it was graded; `now`: as the draft's parameters would have found it."""
    return Judged(grade(facts, then, table=current, decide=decide), grade(facts, now, table=draft, decide=decide))


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


class Cells:
    """How busy each cell was at the moment of each registration: replayed in the order of registration."""

    def __init__(self, rate: RateThreshold, history_start: date | None, known: Sequence[tuple[str, date, int]]) -> None:
        self._rate = rate
        self._history_start = history_start
        self._days: dict[str, Counter[date]] = {}
        for cell, day, n in known:
            self._days.setdefault(cell, Counter())[day] += n

    def exceeded_by(self, cell: str, day: date) -> bool:
        """Whether a new complaint of that day puts its cell above the threshold; it is a neighbour of later ones."""
        days, rate = self._days.setdefault(cell, Counter()), self._rate
        start, baseline = rate.window_start(day), rate.baseline_start(day)
        window = sum(n for at, n in days.items() if start <= at <= day)
        before = sum(n for at, n in days.items() if baseline <= at < start)
        days[day] += 1
        began = min(self._history_start or day, start)
        return rate.exceeded(window=1 + window, baseline=before, history_days=(start - began).days)


def looked_up_otherwise(draft: GradingTable, current: GradingTable) -> dict[str, bool]:
    """Which circumstances the draft's parameters would find otherwise. Those of a lot also where the draft compares
    with more than was counted: counting stops just above the threshold."""
    changed = {name for name, value in current.parameters.items() if draft.parameters.get(name) != value}
    counted = current.parameters["same_lot_k"] + 1
    largest = max((c.constant for row in draft.rows for c in row.when if c.column == "same_lot"), default=0)
    return {
        "same_lot": "repeat_window_days" in changed or (isinstance(largest, int | float) and largest > counted),
        "repeat_r1": bool(changed & {"repeat_window_days", "duplicate_window_days"}),
        "rate_exceeded": any(name.startswith("rate_") for name in changed),
    }
