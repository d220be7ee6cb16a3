"""What a form is made of, once its document is read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from intake.domain.forms.conditions import Condition

Answers = Mapping[str, Any]
"""Field key -> JSON value; a field that was left blank is not in it."""


@dataclass(frozen=True, slots=True)
class Label:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: Label


@dataclass(frozen=True, slots=True)
class Field:
    key: str
    type: str
    label: Label
    help: Label | None
    required: bool
    visible_when: Condition | None
    required_when: Condition | None
    binds: str
    """A fact of the complaint that this field fills; empty for none."""
    weight: int
    """In the completeness score."""
    personal: bool
    limits: Mapping[str, Any]
    """Range, length, pattern, unit …: what its type allows to be said (field_types)."""
    options: Sequence[Option]
    example: Any
    widget: str


@dataclass(frozen=True, slots=True)
class Public:
    """How the form stands on the open web."""

    origins: tuple[str, ...]
    """Sites that may embed the page or send from a script; none: no other site."""
    per_minute: int
    """Complaints over all addresses, per replica of the gateway."""
    per_address_per_minute: int
    least_seconds: int
    """Between the page and its answer: nobody fills it in faster."""
    thanks: Label | None


@dataclass(frozen=True)
class Form:
    name: str
    version: int
    label: Label
    help: Label | None
    language: str
    time_zone: str
    fields: tuple[Field, ...]
    values: Mapping[str, str]
    """Facts of the complaint where the form asks for none, or was left blank."""
    layout: Mapping[str, Any]
    public: Public | None
    document: Mapping[str, Any]

    @cached_property
    def by_key(self) -> Mapping[str, Field]:
        return {field.key: field for field in self.fields}
