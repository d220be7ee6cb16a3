"""Range, length, pattern and unit of a field, as far as its type has them."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from chassis.document import Reader
from intake.domain.forms.field_types import LONGEST_CODE, LONGEST_LONG, LONGEST_SHORT, FieldType

_LONGEST_PATTERN, _LONGEST_UNIT = 200, 20
_LENGTHS = {"short_text": LONGEST_SHORT, "long_text": LONGEST_LONG, "lot": LONGEST_CODE, "serial": LONGEST_CODE}
_MOST = 1e12
_MOST_ITEMS = {"attachment": 10, "choices": 300}
_USUAL_STARS = 5


def limits_of(reader: Reader, raw: Mapping[str, Any], place: str, kind: FieldType) -> dict[str, Any]:
    """With what holds where nothing is said: the longest text, five stars."""
    said = {name: _READ[name](reader, raw, name, place) for name in _READ if name in raw and name in kind.limits}
    if kind.name in _LENGTHS:
        said["max_length"] = min(said.get("max_length", _LENGTHS[kind.name]), _LENGTHS[kind.name])
    if kind.name == "rating":
        said["maximum"] = _stars(reader, said, place)
    if kind.name in _MOST_ITEMS:
        said["max_items"] = min(said.get("max_items", _MOST_ITEMS[kind.name]), _MOST_ITEMS[kind.name])
    _check_order(reader, said, place)
    if "pattern" in said and "example" not in raw:
        reader.fault(f"{place}.example", "is needed beside a pattern: people are shown how it looks")
    return said


def _stars(reader: Reader, said: Mapping[str, Any], place: str) -> int:
    stars = said.get("maximum", _USUAL_STARS)
    if stars not in range(2, 11):
        reader.fault(f"{place}.maximum", "must be a whole number from 2 to 10")
        return _USUAL_STARS
    return int(stars)


def _check_order(reader: Reader, said: Mapping[str, Any], place: str) -> None:
    for least, most in (("minimum", "maximum"), ("min_length", "max_length"), ("earliest", "latest")):
        if least in said and most in said and said[least] > said[most]:
            reader.fault(f"{place}.{least}", f"lies above {most}")
    if said.get("whole") and any(said.get(name, 0) != int(said.get(name, 0)) for name in ("minimum", "maximum")):
        reader.fault(place, "a whole number has whole bounds")


def _number(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> float:
    return reader.number(raw, name, place, least=-_MOST, most=_MOST)


def _count(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> int:
    return reader.whole(raw, name, place, least=1, most=LONGEST_LONG)


def _pattern(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> str:
    pattern = reader.text(raw, name, place)
    if len(pattern) > _LONGEST_PATTERN:
        reader.fault(f"{place}.{name}", f"is longer than {_LONGEST_PATTERN} characters")
    return pattern


def _unit(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> str:
    unit = reader.text(raw, name, place)
    if len(unit) > _LONGEST_UNIT:
        reader.fault(f"{place}.{name}", f"is longer than {_LONGEST_UNIT} characters")
    return unit


def _day(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> str:
    try:
        return date.fromisoformat(raw[name]).isoformat()
    except (TypeError, ValueError):
        reader.fault(f"{place}.{name}", "must be a date, e.g. 2026-01-31")
        return "2026-01-01"


_READ: Mapping[str, Callable[[Reader, Mapping[str, Any], str, str], Any]] = {
    "minimum": _number,
    "maximum": _number,
    "min_length": _count,
    "max_length": _count,
    "max_items": _count,
    "pattern": _pattern,
    "unit": _unit,
    "earliest": _day,
    "latest": _day,
    "whole": lambda reader, raw, name, place: reader.flag(raw, name, place),
    "not_future": lambda reader, raw, name, place: reader.flag(raw, name, place),
}
