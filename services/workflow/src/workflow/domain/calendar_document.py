"""A calendar document (JSON) read and checked: every fault is named with its place."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from workflow.domain.calendar import DAY_S, FIRST, LAST, CalendarRules, Interval

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_calendar(document: object) -> CalendarRules:
    """`week` maps weekdays to hours, `holidays` and `workdays` list dates with their reason; raises Invalid."""
    reader = Reader()
    rules = _rules(reader, reader.mapping(document, ""))
    if reader.faults:
        raise Invalid("this is not a calendar", [FieldError(place, text) for place, text in reader.faults])
    return rules


def _rules(reader: Reader, raw: Mapping[str, Any]) -> CalendarRules:
    reader.only(raw, "", "name version label time_zone note week workday_hours holidays workdays")
    hours = reader.mapping(raw.get("week", {}), "week")
    reader.only(hours, "week", " ".join(_WEEKDAYS))
    week = {number: _hours(reader, hours, name, "week") for number, name in enumerate(_WEEKDAYS, start=1)}
    if not any(week.values()):
        reader.fault("week", "no working time at all")
    special: dict[date, Sequence[Interval]] = dict.fromkeys(_dates(reader, raw, "holidays"), ())
    swapped_in = _hours(reader, raw, "workday_hours", "")
    for day in _dates(reader, raw, "workdays"):
        if day in special:
            reader.fault("workdays", f"{day} is a holiday too")
        special[day] = swapped_in
    version = int(reader.number(raw, "version", "", least=1))
    return CalendarRules(reader.key(raw, "name", ""), version, _zone(reader, raw), week, special)


def _hours(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> list[Interval]:
    spans = raw.get(name, [])
    at = f"{place}.{name}".lstrip(".")
    if not isinstance(spans, list):
        reader.fault(at, "must be a list of HH:MM-HH:MM")
        return []
    intervals: list[Interval] = []
    for span in spans:
        try:
            start, end = (_seconds(part) for part in span.split("-"))
        except (AttributeError, ValueError):
            reader.fault(at, f"{span!r} is not HH:MM-HH:MM")
            continue
        intervals.append((start, end if end > start else end + DAY_S))
    return intervals


def _seconds(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if not (0 <= hours <= 24 and 0 <= minutes < 60 and hours * 60 + minutes <= 1440):
        raise ValueError(clock)
    return hours * 3600 + minutes * 60


def _dates(reader: Reader, raw: Mapping[str, Any], field: str) -> list[date]:
    found: list[date] = []
    for entry, place in reader.listed(raw, field, ""):
        reader.only(entry, place, "date zh en provisional")
        try:
            day = date.fromisoformat(entry["date"])
        except (KeyError, TypeError, ValueError):
            reader.fault(f"{place}.date", f"{entry.get('date')!r} is no ISO date")
            continue
        if not FIRST <= day <= LAST:
            reader.fault(f"{place}.date", f"{day} is not from {FIRST} to {LAST}")
        found.append(day)
    return found


def _zone(reader: Reader, raw: Mapping[str, Any]) -> str:
    name = reader.text(raw, "time_zone", "")
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):  # a folder of the database opens with an OSError
        reader.fault("time_zone", f"{name!r} is not an IANA time zone")
    return name
