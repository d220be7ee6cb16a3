"""A calendar document (JSON) read and checked: every fault is named with its place."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.errors import FieldError, Invalid
from workflow.domain.calendar import DAY_S, CalendarRules, Interval

_WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def parse_calendar(document: Mapping[str, Any]) -> CalendarRules:
    """`week` maps weekdays to hours, `holidays` and `workdays` list dates with their reason; raises Invalid."""
    faults: list[FieldError] = []
    week = {
        number: _hours(document.get("week", {}).get(name, []), f"week.{name}", faults)
        for number, name in enumerate(_WEEKDAYS, start=1)
    }
    special: dict[date, Sequence[Interval]] = dict.fromkeys(_dates(document, "holidays", faults), ())
    swapped_in = _hours(document.get("workday_hours", []), "workday_hours", faults)
    for day in _dates(document, "workdays", faults):
        if day in special:
            faults.append(FieldError("workdays", f"{day} is a holiday too"))
        special[day] = swapped_in
    _check_zone(str(document.get("time_zone", "")), faults)
    if not any(week.values()):
        faults.append(FieldError("week", "no working time at all"))
    if faults:
        raise Invalid("this is not a calendar", faults)
    return CalendarRules(str(document["name"]), int(document["version"]), str(document["time_zone"]), week, special)


def _hours(spans: Sequence[str], place: str, faults: list[FieldError]) -> list[Interval]:
    intervals: list[Interval] = []
    for span in spans:
        try:
            start, end = (_seconds(part) for part in span.split("-"))
        except ValueError:
            faults.append(FieldError(place, f"{span!r} is not HH:MM-HH:MM"))
            continue
        intervals.append((start, end if end > start else end + DAY_S))
    return intervals


def _seconds(clock: str) -> int:
    hours, minutes = (int(part) for part in clock.split(":"))
    if not (0 <= hours <= 24 and 0 <= minutes < 60 and hours * 60 + minutes <= 1440):
        raise ValueError(clock)
    return hours * 3600 + minutes * 60


def _dates(document: Mapping[str, Any], field: str, faults: list[FieldError]) -> list[date]:
    found: list[date] = []
    for entry in document.get(field, []):
        try:
            found.append(date.fromisoformat(entry["date"]))
        except (KeyError, TypeError, ValueError):
            faults.append(FieldError(field, f"{entry!r} has no ISO date"))
    return found


def _check_zone(name: str, faults: list[FieldError]) -> None:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError):
        faults.append(FieldError("time_zone", f"{name!r} is not an IANA time zone"))
