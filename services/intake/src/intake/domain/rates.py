"""When is a cell (product family + defect code) busier than it was? R2 never raises a grade by mere existence."""

from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RateThreshold:
    """Parameters of the grading table (DOMAIN §3, §10)."""

    window_days: int
    baseline_days: int
    min_history_days: int
    """A shorter past tells no rate: nothing is raised by it."""
    min_count: int
    """In the window, the new complaint included."""
    factor: float
    """How many times the baseline's rate the window's must be."""

    def exceeded(self, *, window: int, baseline: int, history_days: int) -> bool:
        """window / window_days > factor * baseline / baseline days; counts of complaints, without merged ones.

        `history_days`: how far the records reach back before the window; the baseline is no longer than that.
        """
        days = min(self.baseline_days, history_days)
        if days < self.min_history_days or window < self.min_count:
            return False
        return window / self.window_days > self.factor * baseline / days

    def window_start(self, day: date) -> date:
        return day - timedelta(days=self.window_days - 1)

    def baseline_start(self, day: date) -> date:
        return self.window_start(day) - timedelta(days=self.baseline_days)
