"""How the columns of a company's own file become complaints. Data, written once per source of files.

{"columns": {"<field>": {"column": "…"} | {"constant": "…"} | {"template": "…{column}…"}},
             each with "default": "…{column}…" for an empty cell,
 "values": {"<field>": {"<in file>": "<ours>", "*": "<everything else>"}},
 "date_formats": ["%Y-%m-%d"], "time_zone": "Asia/Shanghai",
 "safety_not_asked": true, "channel": "file", "language": "zh",
 "kept": {"<name>": "<column>"}}   no field of a complaint, but kept beside it as a fact of its source
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, tzinfo
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import Submission

FIELDS = frozenset(field.name for field in fields(Submission)) - {"historical", "safety_not_asked", "defect_items"}
REQUIRED = ("description", "product_family")
_KEYS = frozenset({"columns", "values", "date_formats", "time_zone", "safety_not_asked", "channel", "language", "kept"})
_SOURCES = ("column", "constant", "template")
_NAME = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field's text comes from: literal pieces and column numbers; `fallback` when that gives nothing."""

    pieces: tuple[str | int, ...]
    fallback: tuple[str | int, ...]
    column: str
    """The column that is blamed in the report; empty for a constant."""

    def text(self, cells: Sequence[str]) -> str:
        return _filled(self.pieces, cells) or _filled(self.fallback, cells)


def _filled(pieces: tuple[str | int, ...], cells: Sequence[str]) -> str:
    return "".join(cells[piece] if isinstance(piece, int) else piece for piece in pieces).strip()


@dataclass(frozen=True, slots=True)
class FileMapping:
    sources: Mapping[str, Source]
    values: Mapping[str, Mapping[str, str]]
    date_formats: tuple[str, ...]
    time_zone: tzinfo
    safety_not_asked: bool
    channel: str
    language: str
    kept: tuple[tuple[str, int], ...]
    by_name: tuple[tuple[str, int], ...]
    """Every column that has a name, sorted: the order of columns is no part of what a row says."""

    def column_of(self, field: str) -> str:
        source = self.sources.get(field)
        return source.column if source else ""


def bound(document: Any, header: Sequence[str]) -> FileMapping:
    """The mapping fitted to this file's header. Raises Invalid naming every unknown field, key and column."""
    faults = list(_faults(document, header))
    if faults:
        raise Invalid("the mapping does not fit", faults)
    return FileMapping(
        sources={field: _source(spec, header) for field, spec in document["columns"].items()},
        values=document.get("values", {}),
        date_formats=tuple(document.get("date_formats", ())),
        time_zone=_zone(document),
        safety_not_asked=bool(document.get("safety_not_asked", False)),
        channel=document.get("channel", "file"),
        language=document.get("language", ""),
        kept=tuple((name, header.index(column)) for name, column in document.get("kept", {}).items()),
        by_name=tuple(sorted((name, index) for index, name in enumerate(header) if name)),
    )


def named_columns(document: Any) -> list[str]:
    """The columns a mapping speaks of, whether or not it is sound."""
    columns = document.get("columns") if isinstance(document, dict) else None
    specs = columns.values() if isinstance(columns, dict) else ()
    named = [name for spec in specs if isinstance(spec, dict) for name in _columns_of(spec)]
    return list(dict.fromkeys(named))


def _columns_of(spec: Mapping[str, Any]) -> list[str]:
    templates = f"{spec.get('template', '')}{spec.get('default', '')}"
    return [*([str(spec["column"])] if "column" in spec else []), *_NAME.findall(templates)]


def _zone(document: Mapping[str, Any]) -> tzinfo:
    """UTC needs no time zone database on the machine."""
    name = document.get("time_zone", "UTC")
    return UTC if name == "UTC" else ZoneInfo(name)


def _source(spec: Mapping[str, str], header: Sequence[str]) -> Source:
    columns = {name: index for index, name in enumerate(header)}
    fallback = _pieces(spec.get("default", ""), columns)
    if "column" in spec:
        return Source((columns[spec["column"]],), fallback, spec["column"])
    if "constant" in spec:
        return Source((spec["constant"],), fallback, "")
    named = _NAME.findall(spec["template"])
    return Source(_pieces(spec["template"], columns), fallback, named[0] if named else "")


def _pieces(template: str, columns: Mapping[str, int]) -> tuple[str | int, ...]:
    parts = _NAME.split(template)
    return tuple(columns[part] if index % 2 else part for index, part in enumerate(parts) if index % 2 or part)


def sound(document: Any) -> list[FieldError]:
    """What is wrong with a mapping before any file is seen: as if a file had just the columns that it names."""
    kept = document.get("kept") if isinstance(document, dict) else None
    columns = [name for name in kept.values() if isinstance(name, str)] if isinstance(kept, dict) else []
    return list(_faults(document, list(dict.fromkeys([*named_columns(document), *columns]))))


def _faults(document: Any, header: Sequence[str]) -> Iterator[FieldError]:
    if not isinstance(document, dict) or not isinstance(document.get("columns"), dict):
        yield FieldError("mapping.columns", "must be an object: field -> where its text comes from")
        return
    for key in document.keys() - _KEYS:
        yield FieldError(f"mapping.{key}", "is not part of a mapping")
    for field in REQUIRED:
        if field not in document["columns"]:
            yield FieldError(f"mapping.columns.{field}", "is missing: no complaint is complete without it")
    for field, spec in document["columns"].items():
        yield from _field_faults(field, spec, header)
    yield from _value_faults(document.get("values", {}))
    yield from _setting_faults(document)
    yield from _kept_faults(document.get("kept", {}), header)


def _kept_faults(kept: Any, header: Sequence[str]) -> Iterator[FieldError]:
    if not isinstance(kept, dict) or not all(isinstance(column, str) for column in kept.values()):
        yield FieldError("mapping.kept", "must be an object: name -> column")
        return
    for name, column in kept.items():
        if header.count(column) != 1:
            yield FieldError(f"mapping.kept.{name}", _misnamed(column, header))


def _misnamed(name: str, header: Sequence[str]) -> str:
    return f"column {name!r} is {'ambiguous' if name in header else 'not'} in the header"


def _field_faults(field: str, spec: Any, header: Sequence[str]) -> Iterator[FieldError]:
    where = f"mapping.columns.{field}"
    if field not in FIELDS:
        yield FieldError(where, "is not a field of a complaint")
        return
    if not isinstance(spec, dict) or not all(isinstance(value, str) for value in spec.values()):
        yield FieldError(where, "must be an object of texts")
        return
    if sum(key in spec for key in _SOURCES) != 1 or spec.keys() - {*_SOURCES, "default"}:
        yield FieldError(where, "needs one of column, constant, template, and may have a default")
        return
    for name in _columns_of(spec):
        if header.count(name) != 1:
            yield FieldError(where, _misnamed(name, header))


def _value_faults(values: Any) -> Iterator[FieldError]:
    if not isinstance(values, dict):
        yield FieldError("mapping.values", "must be an object: field -> values")
        return
    for field, table in values.items():
        if field not in FIELDS:
            yield FieldError(f"mapping.values.{field}", "is not a field of a complaint")
        elif not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
            yield FieldError(f"mapping.values.{field}", "must be an object of texts")


def _setting_faults(document: Mapping[str, Any]) -> Iterator[FieldError]:
    formats = document.get("date_formats", [])
    if not isinstance(formats, list) or not all(isinstance(one, str) and "%" in one for one in formats):
        yield FieldError("mapping.date_formats", "must be a list of formats such as %Y-%m-%d")
    for key in ("time_zone", "channel", "language"):
        if not isinstance(document.get(key, ""), str):
            yield FieldError(f"mapping.{key}", "must be a text")
            return
    try:
        _zone(document)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        yield FieldError("mapping.time_zone", "is not a time zone")
