"""A definition document (JSON) becomes a Definition, or an Invalid that names every fault with its place."""

from collections.abc import Mapping
from typing import Any

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from workflow.domain.definition import (
    GRADES,
    PATHS,
    Definition,
    DeliverableSpec,
    Department,
    GateItem,
    GradePolicy,
    Label,
    Stage,
    TaskSpec,
)
from workflow.domain.definition_rules import faults_of

_TYPES = ("confirmation", "text", "choice", "callback", "event")
_CLOCKS = ("calendar", "working")
_MOST_HOURS = 10_000.0
"""A calendar ends some day; five working years are deadline enough."""


def parse_definition(document: object) -> Definition:
    """Raises Invalid with one FieldError per fault: first the shape, then the rules between the parts."""
    reader = Reader()
    definition = _definition(reader, reader.mapping(document, ""))
    faults = reader.faults or faults_of(definition)
    if faults:
        raise Invalid("this process definition cannot be used", [FieldError(place, text) for place, text in faults])
    return definition


def _definition(reader: Reader, raw: Mapping[str, Any]) -> Definition:
    reader.only(raw, "", "name version label calendar opens_new_cases warn_share grades departments deliverables"
                         " pause_reasons stages")  # fmt: skip
    return Definition(
        name=reader.key(raw, "name", ""),
        version=int(reader.number(raw, "version", "", least=1)),
        label=_label(reader, raw, ""),
        calendar=reader.key(raw, "calendar", ""),
        opens_new_cases=reader.flag(raw, "opens_new_cases", ""),
        warn_share=reader.number(raw, "warn_share", "", least=0.1, most=0.99),
        grades={name: _grade(reader, item, f"grades.{name}") for name, item in reader.items(raw, "grades", "")},
        departments={
            key: _department(reader, key, item, f"departments.{key}")
            for key, item in reader.items(raw, "departments", "")
        },
        deliverables={
            kind: _deliverable(reader, kind, item, f"deliverables.{kind}")
            for kind, item in reader.items(raw, "deliverables", "")
        },
        pause_reasons=reader.keys(raw, "pause_reasons", ""),
        stages=tuple(_stage(reader, item, place) for item, place in reader.listed(raw, "stages", "")),
    )


def _label(reader: Reader, raw: Mapping[str, Any], place: str) -> Label:
    return Label(*reader.label(raw, place))


def _department(reader: Reader, key: str, raw: Mapping[str, Any], place: str) -> Department:
    reader.only(raw, place, "label roles")
    return Department(key, _label(reader, raw, place), frozenset(reader.keys(raw, "roles", place)))


def _grade(reader: Reader, raw: Mapping[str, Any], place: str) -> GradePolicy:
    fields = ("response_hours", "case_hours", "lead_after_hours", "manager_after_hours")
    reader.only(raw, place, "clock " + " ".join(fields))
    hours = {field: reader.number(raw, field, place, least=0.01, most=_MOST_HOURS) for field in fields}
    return GradePolicy(clock=reader.one_of(raw, "clock", place, _CLOCKS), **hours)


def _deliverable(reader: Reader, kind: str, raw: Mapping[str, Any], place: str) -> DeliverableSpec:
    reader.only(raw, place, "label type choices")
    type_ = reader.one_of(raw, "type", place, _TYPES)
    choices = reader.keys(raw, "choices", place)
    if (type_ == "choice") != bool(choices):
        reader.fault(f"{place}.choices", "a choice has choices, nothing else has")
    return DeliverableSpec(kind, _label(reader, raw, place), type_, choices)


def _stage(reader: Reader, raw: Mapping[str, Any], place: str) -> Stage:
    reader.only(raw, place, "key label department due_hours tasks gate skip_from closing after_close")
    department = reader.key(raw, "department", place)
    due = reader.mapping(raw.get("due_hours"), f"{place}.due_hours")
    return Stage(
        key=reader.key(raw, "key", place),
        label=_label(reader, raw, place),
        department=department,
        due_hours={
            grade: reader.number(due, grade, f"{place}.due_hours", least=0.01, most=_MOST_HOURS) for grade in GRADES
        },
        tasks=tuple(_task(reader, item, at, department) for item, at in reader.listed(raw, "tasks", place)),
        gate=tuple(_gate_item(reader, item, at) for item, at in reader.listed(raw, "gate", place)),
        skip_from=reader.flag(raw, "skip_from", place),
        closing=reader.flag(raw, "closing", place),
        after_close=reader.flag(raw, "after_close", place),
    )


def _task(reader: Reader, raw: Mapping[str, Any], place: str, department: str) -> TaskSpec:
    reader.only(raw, place, "kind label department delivers completed_by paths")
    return TaskSpec(
        kind=reader.key(raw, "kind", place),
        label=_label(reader, raw, place),
        department=reader.key(raw, "department", place) if "department" in raw else department,
        delivers=reader.keys(raw, "delivers", place),
        completed_by=reader.key(raw, "completed_by", place) if "completed_by" in raw else None,
        paths=reader.subset(raw, "paths", place, PATHS),
    )


def _gate_item(reader: Reader, raw: Mapping[str, Any], place: str) -> GateItem:
    reader.only(raw, place, "kind grades paths")
    return GateItem(
        kind=reader.key(raw, "kind", place),
        grades=reader.subset(raw, "grades", place, GRADES),
        paths=reader.subset(raw, "paths", place, PATHS),
    )
