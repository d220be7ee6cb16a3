"""Form fields that are facts of the complaint: where they go, and how they are read back from it."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any
from zoneinfo import ZoneInfo

from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.forms.form import Answers, Field, Form

_TEXTS, _CODED = frozenset({"short_text", "long_text"}), frozenset({"short_text", "choice"})
_TIMES = frozenset({"date", "date_time"})
BINDS: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "customer": frozenset({"customer"}),
        "customer_name": frozenset({"short_text"}),
        "customer_email": frozenset({"email"}),
        "customer_phone": frozenset({"phone"}),
        "customer_ref": frozenset({"short_text"}),
        "product": frozenset({"product"}),
        "product_family": _CODED,
        "product_model": _CODED,
        "lot": frozenset({"lot", "short_text"}),
        "serial": frozenset({"serial", "short_text"}),
        "quantity": frozenset({"number"}),
        "description": _TEXTS,
        "defect_code": _CODED,
        "failure_location": _CODED,
        "remedy_wanted": frozenset({"choice"}),
        "t_occurred": _TIMES,
        "t_aware": _TIMES,
        "t_received": _TIMES,
        "customer_deadline": _TIMES,
        **dict.fromkeys(QUESTIONS_ASKED, frozenset({"yes_no_unknown"})),
    }
)
"""Fact of a complaint -> types of field that may fill it."""
CONSTANTS = ("customer_name", "product_family", "product_model", "description", "defect_code", "failure_location")
NEEDED = ("customer_name", "product_family", "description")
_PAIRS = {
    "customer": {"name": "customer_name", "ref": "customer_ref"},
    "product": {"family": "product_family", "model": "product_model"},
}


def facts_of(field: Field) -> tuple[str, ...]:
    """The complaint's fields that this one fills."""
    if field.binds in _PAIRS:
        return tuple(_PAIRS[field.binds].values())
    return (field.binds,) if field.binds else ()


def bound(form: Form, answers: Answers) -> dict[str, Any]:
    """What the answers say about the complaint: RegisterCommand's names -> values, blanks filled by the form's own."""
    facts: dict[str, Any] = dict(form.values)
    for field in form.fields:
        if field.binds and field.key in answers:
            facts.update(_facts(field, answers[field.key], ZoneInfo(form.time_zone)))
    return facts


def read_back(form: Form, complaint: Mapping[str, Any]) -> dict[str, Any]:
    """The answers of bound fields as the complaint says them today; what only the form's own values say is blank."""
    found = {field.key: _answer(form, field, complaint) for field in form.fields if field.binds}
    return {key: value for key, value in found.items() if value}


def _facts(field: Field, value: Any, zone: ZoneInfo) -> dict[str, Any]:
    if field.binds in _PAIRS:
        return {fact: value[part] for part, fact in _PAIRS[field.binds].items() if part in value}
    if field.type in _TIMES:
        return {field.binds: instant(field, value, zone)}
    return {field.binds: int(value) if field.type == "number" else value}


def instant(field: Field, value: str, zone: ZoneInfo) -> datetime:
    """A date is its first moment where the form is at home; a deadline its last."""
    if field.type == "date_time":
        return datetime.fromisoformat(value)
    at = time.max if field.binds == "customer_deadline" else time.min
    return datetime.combine(date.fromisoformat(value), at, zone)


def _answer(form: Form, field: Field, complaint: Mapping[str, Any]) -> Any:
    if field.binds in _PAIRS:
        pairs = {part: _told(form, fact, complaint) for part, fact in _PAIRS[field.binds].items()}
        return {part: value for part, value in pairs.items() if value}
    value = _told(form, field.binds, complaint)
    return _WRITTEN[field.type](value, ZoneInfo(form.time_zone)) if value and field.type in _WRITTEN else value


def _told(form: Form, fact: str, complaint: Mapping[str, Any]) -> Any:
    value = complaint.get(fact)
    return None if value is not None and value == form.values.get(fact) else value


_WRITTEN: Mapping[str, Callable[[datetime, ZoneInfo], str]] = {
    "date": lambda at, zone: at.astimezone(zone).date().isoformat(),
    "date_time": lambda at, zone: at.astimezone(zone).isoformat(),
}
