"""A column of a register, and how its value is read from a cell or a call."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any, Literal

from intake.domain.texts import is_placeholder, normalised

Kind = Literal["text", "number", "date", "month", "time", "yes_no", "choice"]

YES = frozenset({"yes", "y", "true", "1", "是", "有", "√"})
NO = frozenset({"no", "n", "false", "0", "否", "无"})
MOST_UNITS = 1_000_000_000
_MONTH = re.compile(r"(\d{4})[-/年.](\d{1,2})(?:月|[-/.]\d{1,2}(?:[ T].*)?)?")
_DAY = re.compile(r"(\d{4})[-/年.](\d{1,2})[-/月.](\d{1,2})日?(?:[ T].*)?")
_WHOLE = re.compile(r"\d{1,10}(?:\.0+)?")
_CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind = "text"
    required: bool = False
    most: int = 200
    """Characters of a text, units of a number."""
    choices: tuple[str, ...] = ()
    default: Any = None
    personal: bool = False
    """Sealed under the key of the person it is about."""
    known_as: tuple[str, ...] = ()
    """What the column may be called in a file, beside its name."""

    def read(self, given: Any) -> Any:
        """The value, or the default where nothing is given. Raises ValueError saying what is wrong with it."""
        value = given.strip() if isinstance(given, str) else given
        if value is None or value == "":
            if self.required:
                raise ValueError("is required")
            return self.default
        return _READERS[self.kind](self, value)


def _text(column: Column, value: Any) -> str:
    text = str(value)
    if len(text) > column.most:
        raise ValueError(f"is longer than {column.most} characters")
    if _CONTROL.search(text):
        raise ValueError("contains control characters")
    if column.required and is_placeholder(text) and not text.isdigit():
        raise ValueError("is a placeholder, not a value")
    return text


def _number(column: Column, value: Any) -> int:
    if isinstance(value, str) and not _WHOLE.fullmatch(value):
        raise ValueError("is not a whole number of at least 0")
    number = int(value.partition(".")[0]) if isinstance(value, str) else int(value)
    if not 0 <= number <= column.most:
        raise ValueError(f"must lie between 0 and {column.most}")
    return number


def _date(_column: Column, value: Any) -> date:
    if isinstance(value, date):
        return value
    match = _DAY.fullmatch(value)
    if match is None:
        raise ValueError("is not a date (YYYY-MM-DD)")
    return _calendar(*map(int, match.groups()))


def _month(_column: Column, value: Any) -> date:
    """The first day stands for the month."""
    if isinstance(value, date):
        return value.replace(day=1)
    match = _MONTH.fullmatch(value)
    if match is None:
        raise ValueError("is not a month (YYYY-MM)")
    return _calendar(int(match[1]), int(match[2]), 1)


def _calendar(year: int, month: int, day: int) -> date:
    try:
        found = date(year, month, day)
    except ValueError:
        raise ValueError("is no day of the calendar") from None
    if not 1900 <= found.year <= 2200:
        raise ValueError("must lie between the years 1900 and 2200")
    return found


def _time(_column: Column, value: Any) -> datetime:
    if isinstance(value, datetime):
        return value
    try:
        found = datetime.fromisoformat(value)
    except ValueError:
        raise ValueError("is not a time (ISO 8601)") from None
    _calendar(found.year, found.month, found.day)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def _yes_no(_column: Column, value: Any) -> bool:
    if isinstance(value, bool):
        return value
    plain = normalised(str(value))
    if plain not in YES and plain not in NO:
        raise ValueError("must be yes or no")
    return plain in YES


def _choice(column: Column, value: Any) -> str:
    plain = normalised(str(value))
    if plain not in column.choices:
        raise ValueError(f"must be one of {', '.join(column.choices)}")
    return plain


_READERS: dict[Kind, Callable[[Column, Any], Any]] = {
    "text": _text,
    "number": _number,
    "date": _date,
    "month": _month,
    "time": _time,
    "yes_no": _yes_no,
    "choice": _choice,
}
