"""A register as CSV: written so that it can be read again, and so that no cell becomes a formula on somebody's desk."""

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from intake.domain.master_data.columns import Column
from intake.domain.master_data.register import Register

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_DEFUSED = tuple(f"'{sign}" for sign in _FORMULA)


def lines(register: Register, rows: Iterable[Mapping[str, Any]], *, header: bool) -> str:
    """RFC 4180; the first line of all names the columns."""
    written = io.StringIO()
    writer = csv.writer(written)
    if header:
        writer.writerow([column.name for column in register.columns])
    for row in rows:
        writer.writerow([cell_of(column, row[column.name]) for column in register.columns])
    return written.getvalue()


def cell_of(column: Column, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return f"{value:%Y-%m}" if column.kind == "month" else value.isoformat()
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def text_of(cell: str) -> str:
    """What a cell of a file says: the mark that defuses a formula is none of it."""
    text = cell.strip()
    return text[1:] if text.startswith(_DEFUSED) else text
