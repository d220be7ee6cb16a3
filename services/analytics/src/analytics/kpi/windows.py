from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True)
class Window:
    """Concluding events at or after `start` and before `end`; None is open."""

    start: datetime | None = None
    end: datetime | None = None


GAUGE_DAYS = {"all": None, "30d": 30, "7d": 7}
"""Windows of /metrics: name -> length in days, None for all time."""


def window_of(name: str, as_of: datetime) -> Window:
    """A window of /metrics: the last days before `as_of`, rolling."""
    days = GAUGE_DAYS[name]
    return Window() if days is None else Window(as_of - timedelta(days=days), as_of)
