"""One field of a form's document."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from chassis.document import Reader
from intake.domain.forms.conditions_read import condition_of
from intake.domain.forms.field_types import TYPES, FieldType
from intake.domain.forms.form import Field, Label, Option
from intake.domain.forms.limits_read import limits_of

MOST_OPTIONS = 300
_COMMON = "key type label help required visible_when required_when binds weight personal example widget"
_LONGEST_LABEL, _LONGEST_HELP, _LONGEST_VALUE = 300, 2_000, 100
_MOST_WEIGHT = 10


@dataclass(frozen=True)
class _At:
    """Where a field stands, and what its type is."""

    reader: Reader
    raw: Mapping[str, Any]
    place: str
    type: FieldType = field(default_factory=lambda: TYPES["short_text"])


def field_of(reader: Reader, raw: Mapping[str, Any], place: str) -> Field:
    kind = TYPES[reader.one_of(raw, "type", place, tuple(TYPES))]
    reader.only(raw, place, f"{_COMMON} {' '.join(kind.limits)}")
    required = reader.flag(raw, "required", place)
    at = _At(reader, raw, place, kind)
    return Field(
        key=reader.key(raw, "key", place),
        type=kind.name,
        label=short_label(reader, raw, "label", place),
        help=optional_label(reader, raw, "help", place),
        required=required,
        visible_when=condition_of(reader, raw, "visible_when", place),
        required_when=condition_of(reader, raw, "required_when", place),
        binds=reader.key(raw, "binds", place) if "binds" in raw else "",
        weight=_weight(at, required or "required_when" in raw),
        personal=_personal(at),
        limits=limits_of(reader, raw, place, kind),
        options=_options(at),
        example=raw.get("example"),
        widget=reader.one_of(raw, "widget", place, kind.widgets) if "widget" in raw else kind.widgets[0],
    )


def _weight(at: _At, asked_for: bool) -> int:
    if "weight" in at.raw:
        return at.reader.whole(at.raw, "weight", at.place, least=0, most=_MOST_WEIGHT)
    return 3 if asked_for else 1


def _personal(at: _At) -> bool:
    """A short text is kept like a name unless the document says that it holds a code."""
    said = at.reader.flag(at.raw, "personal", at.place)
    if at.type.name == "short_text" and "personal" in at.raw:
        return said
    return said or at.type.personal


def _options(at: _At) -> tuple[Option, ...]:
    if "options" not in at.type.limits:
        return ()
    listed = list(at.reader.listed(at.raw, "options", at.place))
    needed = 0 if at.type.name == "product" else 1
    if not needed <= len(listed) <= MOST_OPTIONS:
        at.reader.fault(f"{at.place}.options", f"must be a list of {needed} to {MOST_OPTIONS} options")
    options = tuple(_option(at, raw, place) for raw, place in listed[:MOST_OPTIONS])
    for value, times in Counter(option.value for option in options).items():
        if times > 1:
            at.reader.fault(f"{at.place}.options", f"{value} occurs {times} times")
    return options


def _option(at: _At, raw: Mapping[str, Any], place: str) -> Option:
    at.reader.only(raw, place, "value label")
    value = at.reader.text(raw, "value", place)
    if len(value) > _LONGEST_VALUE or value != value.strip():
        at.reader.fault(f"{place}.value", f"at most {_LONGEST_VALUE} characters, no blanks around it")
    return Option(value, short_label(at.reader, raw, "label", place))


def short_label(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> Label:
    return _within(reader, Label(*reader.label(raw, place, name)), f"{place}.{name}", _LONGEST_LABEL)


def optional_label(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> Label | None:
    if name not in raw:
        return None
    return _within(reader, Label(*reader.label(raw, place, name)), f"{place}.{name}", _LONGEST_HELP)


def _within(reader: Reader, label: Label, place: str, longest: int) -> Label:
    if max(len(label.zh), len(label.en)) > longest:
        reader.fault(place, f"is longer than {longest} characters")
    return label
