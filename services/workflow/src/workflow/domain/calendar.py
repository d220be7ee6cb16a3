"""The business calendar: which seconds of the week count as working time."""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAY_S = 86_400
FIRST = date(2015, 1, 1)
LAST = date(2045, 12, 31)

Interval = tuple[int, int]
"""Seconds after midnight; an end beyond 86,400 reaches into the next date."""


@dataclass(frozen=True)
class CalendarRules:
    """What a calendar document says. `special` names dates that differ from their weekday (holidays, 调休)."""

    name: str
    version: int
    time_zone: str
    week: Mapping[int, Sequence[Interval]]
    special: Mapping[date, Sequence[Interval]]


class Calendar:
    """Working time between instants, answered by prefix sums over days: some microseconds a question.

    Holds for local dates of 2015 to 2045; in a zone with daylight saving, shifts must not span the change.
    """

    def __init__(self, rules: CalendarRules) -> None:
        self.name = rules.name
        self.version = rules.version
        self.time_zone = rules.time_zone
        self._zone = ZoneInfo(rules.time_zone)
        self._days = _days(rules)
        self._before = _prefix_sums(self._days)

    def working_between(self, start: datetime, end: datetime) -> float:
        """Working seconds in [start, end); 0 when end is not after start."""
        return max(0.0, self._worked(end) - self._worked(start)) if end > start else 0.0

    def add_working(self, start: datetime, seconds: float) -> datetime:
        """The earliest instant by which `seconds` of working time have passed since start. Raises ValueError if < 0.

        Zero seconds end at `start` itself, whether it is working time or not.
        """
        if seconds < 0:
            raise ValueError("working time cannot be taken back")
        if seconds == 0:
            return start
        # A spell too short for a float beside the sum would otherwise end when work last did.
        return max(start, self._at(self._worked(start) + seconds))

    def _worked(self, at: datetime) -> float:
        local = at.astimezone(self._zone)
        index = self._index(local.date())
        second = local.hour * 3600 + local.minute * 60 + local.second + local.microsecond / 1e6
        today = sum(min(second, end) - start for start, end in self._days[index] if second > start)
        return self._before[index] + today

    def _at(self, worked: float) -> datetime:
        index = bisect_left(self._before, worked) - 1
        left = worked - self._before[index]
        if index >= len(self._days):
            raise ValueError(f"calendar {self.name} ends on {LAST}")
        for start, end in self._days[index]:
            if left <= end - start:
                return self._instant(index, start + left)
            left -= end - start
        raise AssertionError("prefix sums and days disagree")

    def _instant(self, index: int, second: float) -> datetime:
        midnight = datetime.combine(FIRST + timedelta(days=index), time(), tzinfo=self._zone)
        return (midnight + timedelta(seconds=second)).astimezone(UTC)

    def _index(self, day: date) -> int:
        index = (day - FIRST).days
        if not 0 <= index < len(self._days):
            raise ValueError(f"calendar {self.name} knows {FIRST} to {LAST}, not {day}")
        return index


def _days(rules: CalendarRules) -> list[list[Interval]]:
    days: list[list[Interval]] = [[] for _ in range((LAST - FIRST).days + 2)]
    for index in range(len(days) - 1):
        day = FIRST + timedelta(days=index)
        for start, end in rules.special.get(day, rules.week.get(day.isoweekday(), ())):
            days[index].append((start, min(end, DAY_S)))
            if end > DAY_S:
                days[index + 1].append((0, end - DAY_S))
    return [_merged(intervals) for intervals in days[:-1]]


def _merged(intervals: list[Interval]) -> list[Interval]:
    """A night shift may overlap the morning of the next date: no second counts twice."""
    merged: list[Interval] = []
    for start, end in sorted(intervals):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged


def _prefix_sums(days: list[list[Interval]]) -> list[int]:
    sums = [0]
    for intervals in days:
        sums.append(sums[-1] + sum(end - start for start, end in intervals))
    return sums
