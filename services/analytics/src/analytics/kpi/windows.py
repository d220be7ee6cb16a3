from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """Concluding events at or after `start` and before `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None

    def overlaps(self, other: "Window") -> bool:
        return _before(self.start, other.end) and _before(other.start, self.end)


def _before(start: datetime | None, end: datetime | None) -> bool:
    return start is None or end is None or start < end


GAUGE_DAYS = {"all": None, "30d": 30, "7d": 7}
"""Windows of /metrics: name -> length in days, None for all time."""


def window_of(name: str, as_of: datetime) -> Window:
    """A window of /metrics: the last days before `as_of`, rolling."""
    days = GAUGE_DAYS[name]
    return Window() if days is None else Window(as_of - timedelta(days=days), as_of)


def baseline_before(period: Window, days: int) -> Window | None:
    """The `days` that end where the period starts; a period that is open at its start has nothing before it."""
    return None if period.start is None else Window(period.start - timedelta(days=days), period.start)
