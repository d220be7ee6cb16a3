"""The SLA ledger: deadlines are a function of its entries and of the business calendar, never a stored guess."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from workflow.domain.calendar import Calendar
from workflow.domain.definition import CALENDAR_CLOCK, Definition

START, PAUSE, RESUME, REGRADE, EXTEND, STOP = "start", "pause", "resume", "regrade", "extend", "stop"


@dataclass(kw_only=True)
class Entry:
    entry_id: str
    case_id: str
    at: datetime
    kind: str
    reason: str
    by: str
    grade: str | None = None
    """Of start and regrade."""
    seconds: float | None = None
    """Of extend: more time, on the grade's clock."""
    due_at: datetime | None = None
    """The current deadline after this entry."""


@dataclass(frozen=True)
class Clock:
    """Runs around the clock, or in working time only."""

    calendar: Calendar
    around_the_clock: bool

    def add(self, start: datetime, seconds: float) -> datetime:
        return (
            start + timedelta(seconds=seconds) if self.around_the_clock else self.calendar.add_working(start, seconds)
        )

    def between(self, start: datetime, end: datetime) -> float:
        if self.around_the_clock:
            return max(0.0, (end - start).total_seconds())
        return self.calendar.working_between(start, end)


@dataclass(frozen=True)
class Deadline:
    due_at: datetime
    """By the first grade; nothing moves it (DOMAIN §2: on-time is published for original and extended due)."""
    due_current_at: datetime
    response_due_at: datetime


def clock_of(definition: Definition, grade: str, calendar: Calendar) -> Clock:
    """The clock of a grade; urgent runs 24 x 7 in the shipped definitions (DOMAIN §10)."""
    return Clock(calendar, definition.grades[grade].clock == CALENDAR_CLOCK)


def deadline(entries: Sequence[Entry], definition: Definition, calendar: Calendar) -> Deadline | None:
    """Folds the ledger; None while the clock never started (historical cases).

    Current = start + hours of the grade now + everything the clock stood still + every extension, on that grade's
    clock. A regrade may shorten or lengthen the current deadline, and only shorten the response's.
    """
    start = next((entry for entry in entries if entry.kind == START), None)
    if start is None or start.grade is None:
        return None
    grades = [entry.grade for entry in entries if entry.grade is not None]
    clock = clock_of(definition, grades[-1], calendar)
    extended = sum(entry.seconds or 0 for entry in entries if entry.kind == EXTEND)
    hours = definition.grades[grades[-1]].case_hours
    return Deadline(
        due_at=clock_of(definition, grades[0], calendar).add(start.at, definition.grades[grades[0]].case_hours * 3600),
        due_current_at=due_after(clock, start.at, hours * 3600 + extended, entries),
        response_due_at=min(_response_due(start.at, grade, definition, calendar) for grade in grades),
    )


def _response_due(start: datetime, grade: str, definition: Definition, calendar: Calendar) -> datetime:
    return clock_of(definition, grade, calendar).add(start, definition.grades[grade].response_hours * 3600)


def due_after(clock: Clock, start: datetime, seconds: float, entries: Sequence[Entry]) -> datetime:
    """When `seconds` of the clock have passed since start, not counting what stood still meanwhile."""
    return clock.add(start, seconds + stood_still(clock, start, entries))


def stood_still(clock: Clock, since: datetime, entries: Sequence[Entry]) -> float:
    """Seconds of the clock, after `since`, in finished pauses and between a close and its reopening."""
    return sum(clock.between(max(begin, since), end) for begin, end in _still(entries) if end > since)


def working_seconds(calendar: Calendar, entries: Sequence[Entry], until: datetime) -> float:
    """The working clock (DOMAIN §1): business time since the start, named pauses and closed spells removed."""
    start = next((entry.at for entry in entries if entry.kind == START), until)
    spells = list(_still(entries))
    open_since = _standing_since(entries)
    if open_since is not None and open_since < until:
        spells.append((open_since, until))
    still = sum(calendar.working_between(begin, end) for begin, end in spells)
    return max(0.0, calendar.working_between(start, until) - still)


def _still(entries: Sequence[Entry]) -> Iterator[tuple[datetime, datetime]]:
    since: datetime | None = None
    for entry in entries:
        if entry.kind in (PAUSE, STOP) and since is None:
            since = entry.at
        elif entry.kind == RESUME and since is not None:
            yield since, entry.at
            since = None


def _standing_since(entries: Sequence[Entry]) -> datetime | None:
    since: datetime | None = None
    for entry in entries:
        if entry.kind in (PAUSE, STOP):
            since = since or entry.at
        elif entry.kind == RESUME:
            since = None
    return since
