"""One row of a file to one submission, by the file's mapping."""

import hashlib
import re
from collections.abc import Sequence
from datetime import UTC, datetime, tzinfo
from functools import lru_cache
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import Submission
from intake.domain.files.mapping import FileMapping

MAX_CELL_CHARACTERS = 30_000
_TIMES = frozenset({"t_occurred", "t_aware", "t_received", "t_closed", "customer_deadline", "answer_due"})
_SURROGATE = re.compile("[\ud800-\udfff]")


def cell_fault(header: Sequence[str], cells: Sequence[str]) -> FieldError | None:
    """What makes a row unreadable before anyone asks what it means; `field` is the column."""
    if len(cells) < len(header):
        return FieldError(header[len(cells)], f"the row has {len(cells)} columns, the header {len(header)}")
    if len(cells) > len(header):
        return FieldError("", f"the row has {len(cells)} columns, the header {len(header)}")
    for column, cell in zip(header, cells, strict=True):
        if len(cell) > MAX_CELL_CHARACTERS:
            return FieldError(column, f"the cell is longer than {MAX_CELL_CHARACTERS} characters")
        if "\x00" in cell:
            return FieldError(column, "the cell contains a NUL character")
        if not cell.isascii() and _SURROGATE.search(cell):
            return FieldError(column, "the cell's bytes do not fit the file's encoding")
    return None


def submission(mapping: FileMapping, cells: Sequence[str], *, historical: bool, rest: str = "") -> Submission:
    """Raises Invalid naming the field whose text cannot be read. A row without an id of its own gets one from its
    content, so that the same file sent twice opens nothing new, in whatever format."""
    values: dict[str, Any] = {
        "channel": mapping.channel,
        "language": mapping.language,
        "external_id": None,
        "historical": historical,
        "safety_not_asked": mapping.safety_not_asked,
    }
    for field, source in mapping.sources.items():
        text = _translated(mapping, field, source.text(cells))
        if text:
            values[field] = _typed(mapping, field, text)
    values.setdefault("description", "")
    values.setdefault("product_family", "")
    values["external_id"] = values["external_id"] or _digest(mapping, cells, rest)
    return Submission(**values)


def _translated(mapping: FileMapping, field: str, text: str) -> str:
    table = mapping.values.get(field)
    return text if table is None else table.get(text, table.get("*", text))


def _typed(mapping: FileMapping, field: str, text: str) -> Any:
    if field in _TIMES:
        return _time(mapping, field, text)
    if field == "quantity":
        return _whole_number(field, text)
    return text


def _time(mapping: FileMapping, field: str, text: str) -> datetime:
    found = _parsed(text, mapping.date_formats, mapping.time_zone)
    if found is None:
        forms = ", ".join((*mapping.date_formats, "ISO 8601"))
        raise Invalid("a date cannot be read", [FieldError(field, f"is not a date ({forms})")])
    return found


@lru_cache(maxsize=4096)
def _parsed(text: str, forms: tuple[str, ...], zone: tzinfo) -> datetime | None:
    """Kept, as the days of a file are few and reading one costs as much as the rest of its row."""
    for form in forms:
        try:
            return _zoned(datetime.strptime(text, form), zone)  # noqa: DTZ007 - _zoned adds the file's zone
        except ValueError:
            continue
    try:
        return _zoned(datetime.fromisoformat(text), zone)
    except ValueError:
        return None


def _zoned(value: datetime, zone: tzinfo) -> datetime:
    local = value if value.tzinfo else value.replace(tzinfo=zone)
    try:
        return local.astimezone(UTC)
    except OverflowError:
        raise ValueError("out of range") from None


def _whole_number(field: str, text: str) -> int:
    digits = text.removesuffix(".0")
    if not digits.isdecimal() or len(digits) > 9:
        raise Invalid("a number cannot be read", [FieldError(field, "is not a whole number")])
    return int(digits)


def _digest(mapping: FileMapping, cells: Sequence[str], rest: str) -> str:
    """Equal for rows whose named cells hold the same, wherever the columns stand and whatever blanks surround them."""
    said = [f"{name}\x1e{text}" for name, index in mapping.by_name if (text := cells[index].strip())]
    return "row:" + hashlib.sha256("\x1f".join([*said, rest]).encode("utf-8", "surrogatepass")).hexdigest()[:32]
