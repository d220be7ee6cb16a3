"""How complete a record is against its form: what counts is what says something, not what is filled in."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from intake.domain.forms.conditions import Situation, holds
from intake.domain.forms.field_types import DECIDING
from intake.domain.forms.form import Answers, Field, Form, Label
from intake.domain.forms.placeholders import is_filler

Why = Literal["empty", "placeholder", "unknown"]
FULL = 100
_IN_WORDS = frozenset({"short_text", "long_text", "lot", "serial", "phone", "email"})


@dataclass(frozen=True, slots=True)
class Missing:
    field: str
    label: Label
    why: Why
    required: bool


@dataclass(frozen=True, slots=True)
class Completeness:
    score: int
    """0 to 100."""
    missing: tuple[Missing, ...]


def completeness(form: Form, answers: Answers, stage: str | None = None) -> Completeness:
    """Weight of what is answered ÷ weight of what is asked at `stage`, in whole per cent, rounded down.

    Asked is what the answers make visible, of whatever role: what only colleagues see is theirs to add. Fields of
    weight 0 do not count. A form that asks nothing is complete.
    """
    at = Situation(stage, None)
    asked = [field for field in form.fields if field.weight and holds(field.visible_when, answers, at)]
    missing = tuple(
        Missing(field.key, field.label, why, _is_required(field, answers, at))
        for field in asked
        if (why := why_missing(field, answers.get(field.key)))
    )
    lost = {one.field for one in missing}
    total = sum(field.weight for field in asked)
    said = sum(field.weight for field in asked if field.key not in lost)
    return Completeness(FULL * said // total if total else FULL, missing)


def why_missing(field: Field, value: Any) -> Why | None:
    """None where the value says something."""
    if value is None or value in ("", [], {}):
        return "empty"
    if field.type in DECIDING:
        return _of_parts(field, value)
    if field.type in _IN_WORDS and is_filler(str(value)):
        return "placeholder"
    return "unknown" if field.type == "yes_no_unknown" and value == "unknown" else None


def _of_parts(field: Field, value: Any) -> Why | None:
    told = [value[part] for part in DECIDING[field.type] if isinstance(value, Mapping) and value.get(part)]
    if not told:
        return "empty"
    return "placeholder" if all(is_filler(str(part)) for part in told) else None


def _is_required(field: Field, answers: Answers, at: Situation) -> bool:
    return field.required or (field.required_when is not None and holds(field.required_when, answers, at))
