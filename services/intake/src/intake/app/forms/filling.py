"""Answers to a form: checked, and turned into facts of a complaint."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import msgspec

from chassis.call import Call
from chassis.errors import FieldError, Invalid
from intake.adapters.forms import Checked
from intake.domain.complaint import QUESTIONS_ASKED, Submission
from intake.domain.forms.binding import bound, facts_of
from intake.domain.forms.completeness import Completeness, completeness
from intake.domain.forms.conditions import Situation
from intake.domain.forms.form import Form
from intake.domain.forms.tidy import faults_beyond_schema, tidied

FIRST_STAGE = "intake"
DATA = "form_data"
PUBLIC = "public"
_LONGEST = 256 * 1024


@dataclass(frozen=True, slots=True)
class Filled:
    form: Form
    stage: str
    answers: Mapping[str, Any]
    facts: Mapping[str, Any]
    """RegisterCommand's names -> values; empty where there are faults."""
    completeness: Completeness
    faults: tuple[FieldError, ...]
    """Named `form_data.<field>`."""


def roles_of(call: Call) -> frozenset[str]:
    """As conditions of forms see them: whoever comes from the open web is nothing else."""
    return frozenset({PUBLIC}) if PUBLIC in call.roles else call.roles


def filled(checked: Checked, data: Mapping[str, Any], *, stage: str, roles: frozenset[str], now: datetime) -> Filled:
    form, answers = checked.form, tidied(data)
    faults = list(dict.fromkeys(checked.faults(answers, Situation(stage, roles))))
    faults = faults or list(faults_beyond_schema(form, answers, now))
    named = tuple(FieldError(f"{DATA}.{field}".rstrip("."), text) for field, text in faults)
    if named:
        return Filled(form, stage, answers, {}, Completeness(0, ()), named)
    return Filled(form, stage, answers, bound(form, answers), completeness(form, answers, stage), ())


def opened_data(text: str) -> dict[str, Any]:
    """Raises Invalid."""
    try:
        data = msgspec.json.decode(text) if len(text) <= _LONGEST else None
    except (msgspec.DecodeError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise Invalid(
            "the answers cannot be read", [FieldError(DATA, f"must be an object of at most {_LONGEST} bytes")]
        )
    return data


def merged(given: Submission, by_form: Filled) -> Submission:
    """What was said outright stands; the form fills what it leaves open."""
    blanks = {name: value for name, value in by_form.facts.items() if _is_open(name, getattr(given, name))}
    return replace(given, **{"language": given.language or by_form.form.language, **blanks})


def _is_open(name: str, value: Any) -> bool:
    return value in ("", None) or (name in QUESTIONS_ASKED and value == "unknown")


def renamed(form: Form, faults: list[FieldError]) -> list[FieldError]:
    """Faults of the complaint's facts, as faults of the fields that filled them."""
    filled_by = {fact: field.key for field in form.fields for fact in facts_of(field)}
    return [
        FieldError(f"{DATA}.{filled_by[fault.field]}", fault.message) if fault.field in filled_by else fault
        for fault in faults
    ]
