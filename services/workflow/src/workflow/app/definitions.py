"""The kinds of definition that workflow publishes: what is refused because cases could not live by it."""

from collections.abc import Iterator
from datetime import timedelta

from chassis.db import Tx
from chassis.definition_store import newest
from chassis.definitions import Document, Kind
from chassis.errors import Conflict, FieldError, Invalid
from workflow.adapters.rulebook import OPENING, opening_rules
from workflow.app.definition_effects import calendar_effects, process_effects
from workflow.domain.calendar import Calendar
from workflow.domain.calendar_document import parse_calendar
from workflow.domain.definition import GRADES, Definition
from workflow.domain.definition_document import parse_definition
from workflow.domain.sla import clock_of

_FARTHEST = timedelta(days=3 * 365)


def _read_calendar(document: Document) -> Calendar:
    return Calendar(parse_calendar(document))


async def check_process(tx: Tx, new: Definition, current: Definition | None) -> None:
    """Raises Invalid for a calendar that is missing or leaves no time, Conflict for what would strand work."""
    published = await newest(tx, "calendar", new.calendar)
    if published is None:
        fault = FieldError("calendar", f"no calendar {new.calendar} is published")
        raise Invalid("this process definition cannot be used", [fault])
    _check_deadlines(tx, new, _read_calendar(published.whole))
    opening = await tx.fetchrow(OPENING)
    if not new.opens_new_cases and (opening is None or opening["name"] == new.name):
        raise Conflict(
            "nothing_would_open",
            f"new cases follow {new.name}; publish another process with opens_new_cases first",
        )
    if new.opens_new_cases and opening is not None:
        await _check_departments(tx, new)


async def _check_departments(tx: Tx, new: Definition) -> None:
    """Members are placed in the departments of the process that opens cases: work elsewhere could not be handed on."""
    before, _ = await opening_rules(tx)
    gone = sorted(before.departments.keys() - new.departments.keys())
    rows = await tx.fetch(
        "SELECT department, count(*) AS n FROM tasks WHERE department = ANY($1::text[])"
        " AND state IN ('open', 'in_progress') GROUP BY department ORDER BY department",
        gone,
    )
    if rows:
        listed = ", ".join(f"{row['department']} ({row['n']})" for row in rows)
        raise Conflict(
            "department_has_work",
            f"departments that this process no longer has still have open tasks: {listed}",
            possible=["finish or reassign these tasks first", "keep the departments until then"],
        )


async def check_calendar(tx: Tx, new: Calendar, current: Calendar | None) -> None:
    """Raises Invalid where a process that goes by it would find no deadline."""
    for process in await _going_by(tx, new.name):
        _check_deadlines(tx, process, new)


def _check_deadlines(tx: Tx, process: Definition, calendar: Calendar) -> None:
    late = [grade for grade in GRADES if not _in_sight(tx, process, calendar, grade)]
    if late:
        text = f"grade {', '.join(late)} of process {process.name} has no deadline within three years"
        raise Invalid("the calendar leaves too little working time", [FieldError("week", text)])


def _in_sight(tx: Tx, process: Definition, calendar: Calendar, grade: str) -> bool:
    try:
        due = clock_of(process, grade, calendar).add(tx.now, process.grades[grade].case_hours * 3600)
    except ValueError:
        return False
    return due <= tx.now + _FARTHEST


async def _going_by(tx: Tx, calendar: str) -> Iterator[Definition]:
    rows = await tx.fetch("SELECT DISTINCT name FROM published_definitions WHERE kind = 'process' ORDER BY name")
    found = [await newest(tx, "process", row["name"]) for row in rows]
    processes = [parse_definition(one.whole) for one in found if one is not None]
    return (process for process in processes if process.calendar == calendar)


PROCESS = Kind("process", parse_definition, check_process, process_effects)
CALENDAR = Kind("calendar", _read_calendar, check_calendar, calendar_effects)
