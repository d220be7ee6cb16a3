"""What a table's parameters would have found around each complaint, replayed in the order of registration."""

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from intake.domain.grading import Circumstances
from intake.domain.grading_table import GradingTable
from intake.domain.rates import RateThreshold
from intake.domain.repeats import Windows


class Moments:
    """Sorted moments per key: how many lie within reach costs two searches, however many there are."""

    def __init__(self) -> None:
        self._of: dict[Hashable, list[int]] = defaultdict(list)

    def add(self, key: Hashable, at: int) -> None:
        insort(self._of[key], at)

    def between(self, key: Hashable, since: int, until: int) -> int:
        """Both ends belong to it."""
        moments = self._of.get(key, ())
        return bisect_right(moments, until) - bisect_left(moments, since)


@dataclass(slots=True)
class Neighbours:
    """Looks up what its parameters find otherwise than those in force; the rest stays as it was found.

    A row has t_received, lot_key, cell, signature_base, customer keys as `keys`, and what was found when it was graded.
    """

    windows: Windows
    rate: RateThreshold
    history_start: date | None
    lots: bool
    customers: bool
    cells: bool
    _lots: Moments = field(default_factory=Moments)
    _customers: Moments = field(default_factory=Moments)
    _cells: Moments = field(default_factory=Moments)

    @classmethod
    def of(cls, draft: GradingTable, current: GradingTable, history_start: date | None) -> "Neighbours":
        lots, customers, cells = _otherwise(draft, current)
        return cls(Windows.of(draft.parameters), draft.rate, history_start, lots, customers, cells)

    @property
    def names(self) -> list[str]:
        looked = {"same_lot": self.lots, "repeat_r1": self.customers, "rate_exceeded": self.cells}
        return [name for name, is_so in looked.items() if is_so]

    @property
    def reach(self) -> timedelta:
        """How far back neighbours may lie."""
        of_rate = timedelta(days=self.rate.window_days + self.rate.baseline_days)
        reaches = [self.windows.repeat] if self.lots or self.customers else []
        return max([*reaches, *([of_rate] if self.cells else [])], default=timedelta())

    def around(self, row: Mapping[str, Any]) -> Circumstances:
        return Circumstances(
            self._same_lot(row) if self.lots else row["same_lot"],
            self._repeat(row) if self.customers else row["repeat_r1"],
            self._exceeded(row) if self.cells else row["rate_exceeded"],
        )

    def add(self, row: Mapping[str, Any]) -> None:
        """The complaint is a neighbour of those after it."""
        day, at = _day(row["t_received"]), _second(row["t_received"])
        if self.lots and row["lot_key"] is not None:
            self._lots.add(row["lot_key"], day)
        if self.cells and row["cell"] is not None:
            self._cells.add(row["cell"], day)
        if self.customers and row["cell"] is not None:
            for key in row["keys"]:
                self._customers.add((key, row["signature_base"]), at)

    def _same_lot(self, row: Mapping[str, Any]) -> int:
        if row["lot_key"] is None:
            return 1
        day, reach = _day(row["t_received"]), self.windows.repeat.days
        return 1 + self._lots.between(row["lot_key"], day - reach, day + reach)

    def _repeat(self, row: Mapping[str, Any]) -> bool:
        """Within the window of duplicates the texts decided, which are not compared anew: what was said then stands."""
        if row["cell"] is None:
            return False
        at = _second(row["t_received"])
        all_near = self._near(row["keys"], row["signature_base"], at, self.windows.repeat)
        as_duplicates = self._near(row["keys"], row["signature_base"], at, self.windows.duplicate)
        return all_near > as_duplicates or (all_near > 0 and bool(row["repeat_r1"]))

    def _near(self, keys: Sequence[str], base: str, at: int, reach: timedelta) -> int:
        seconds = int(reach.total_seconds())
        return sum(self._customers.between((key, base), at - seconds, at + seconds) for key in keys)

    def _exceeded(self, row: Mapping[str, Any]) -> bool:
        cell, at = row["cell"], row["t_received"].astimezone(UTC).date()
        if cell is None or self.history_start is None:
            return False
        start, baseline = self.rate.window_start(at), self.rate.baseline_start(at)
        return self.rate.exceeded(
            window=1 + self._cells.between(cell, start.toordinal(), at.toordinal()),
            baseline=self._cells.between(cell, baseline.toordinal(), start.toordinal() - 1),
            history_days=(start - min(self.history_start, start)).days,
        )


def _otherwise(draft: GradingTable, current: GradingTable) -> tuple[bool, bool, bool]:
    """Lots, customers, cells. Lots also where the draft compares with more than was counted: counting stops just above
    the threshold."""
    changed = {name for name, value in current.parameters.items() if draft.parameters.get(name) != value}
    numbers = [c.constant for row in draft.rows for c in row.when if c.column == "same_lot"]
    largest = max((n for n in numbers if isinstance(n, int | float)), default=0)
    return (
        "repeat_window_days" in changed or largest > current.parameters["same_lot_k"] + 1,
        bool(changed & {"repeat_window_days", "duplicate_window_days"}),
        any(name.startswith("rate_") for name in changed),
    )


def _day(at: datetime) -> int:
    return at.astimezone(UTC).toordinal()


def _second(at: datetime) -> int:
    return int(at.timestamp())
