"""Lines of JSON objects, as they arrive, to rows under one header; holds the first lines only, never the file."""

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Any

from intake.domain.files.lines import LineStream
from intake.domain.files.records import MAX_ROW_CHARACTERS, Record, Unreadable

HEADER_LINES = 50
_Row = tuple[int, dict[str, str]] | Unreadable


class ObjectStream:
    """The header comes first: every key of the first lines (`address.city` for nested objects), and the columns that
    `expected` names, so that a key which the first lines happen to lack is still read further down."""

    def __init__(self, expected: Sequence[str]) -> None:
        self.lines = LineStream()
        self.met: set[str] = set()
        self._expected = expected
        self._header: list[str] = []
        self._first: list[_Row] = []
        self._line = 0
        self._cut = False

    def feed(self, text: str) -> Iterator[Record | Unreadable]:
        for line in self.lines.feed(text):
            yield from self._taken(line)
        if len(self.lines.rest) > MAX_ROW_CHARACTERS:
            self.lines.rest, self._cut = "", True

    def finish(self) -> Iterator[Record | Unreadable]:
        rest = self.lines.finish()
        if rest or self._cut:
            yield from self._taken(rest)
        if not self._header:
            yield from self._begin()

    def _taken(self, line: str) -> Iterator[Record | Unreadable]:
        self._line += 1
        row = self._row(line)
        if row is None:
            return
        if self._header:
            yield self._fitted(row)
            return
        self._first.append(row)
        if len(self._first) >= HEADER_LINES:
            yield from self._begin()

    def _row(self, line: str) -> _Row | None:
        if self._cut:
            self._cut = False
            return Unreadable(self._line, f"the line is longer than {MAX_ROW_CHARACTERS} characters")
        if not line.strip():
            return None
        try:
            value = json.loads(line)
            return (self._line, dict(_flat(value))) if isinstance(value, dict) else _no_object(self._line)
        except (ValueError, RecursionError):
            return _no_object(self._line)

    def _begin(self) -> Iterator[Record | Unreadable]:
        keys = dict.fromkeys(key for row in self._first if not isinstance(row, Unreadable) for key in row[1]).keys()
        if not keys:
            yield from (row for row in self._first if isinstance(row, Unreadable))
            return
        # Where nothing fits, the mapping is another file's: without the expected columns it is refused by name.
        expected = self._expected if not keys.isdisjoint(self._expected) else []
        self._header = list(dict.fromkeys([*keys, *expected]))
        yield Record(0, self._header)
        for row in self._first:
            yield self._fitted(row)
        self._first = []

    def _fitted(self, row: _Row) -> Record | Unreadable:
        if isinstance(row, Unreadable):
            return row
        line, cells = row
        self.met.update(cells)
        late = cells.keys() - set(self._header)
        rest = json.dumps({key: cells[key] for key in sorted(late)}) if late else ""
        return Record(line, [cells.get(name, "") for name in self._header], rest)


def _no_object(line: int) -> Unreadable:
    return Unreadable(line, "the line is not one JSON object")


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{key}.")
        else:
            yield prefix + key.strip(), cell_of(item)


def cell_of(value: Any) -> str:
    """A value as the same cell of a CSV file would hold it: 12345.0 is 12345, null is empty."""
    if value is None:
        return ""
    if isinstance(value, str):
        return value if "\r" not in value else value.replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, float):
        return number_text(value)
    return json.dumps(value, ensure_ascii=False)


def number_text(value: float) -> str:
    """As a person sees it: no ".0" behind whole numbers, no exponent, 15 digits as spreadsheets show."""
    if value != value or value in (float("inf"), float("-inf")):
        return ""
    if value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    text = format(value, ".15g")
    return text if "e" not in text else format(Decimal(text), "f")
