"""Text of a CSV file, as it arrives, to rows (RFC 4180, any line ends); holds one row at a time, never the file."""

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from intake.domain.files.lines import LineStream

MAX_ROW_CHARACTERS = 100_000
MAX_ROW_LINES = 500
DELIMITERS = ",;\t|"


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    """Where the row begins; the header stands on line 1."""
    cells: list[str]
    rest: str = ""
    """What the row says beyond the header's columns; only that it differs from another row's matters."""


@dataclass(frozen=True, slots=True)
class Unreadable:
    line: int
    reason: str


class RecordStream:
    """Feed text, take rows. A quote that never closes costs its own line, not the rest of the file."""

    def __init__(self) -> None:
        self.delimiter = ""
        self.lines = LineStream()
        self._line = 0
        self._cut = False
        self._queue: deque[tuple[int, str]] = deque()
        self._open: list[tuple[int, str]] = []

    def feed(self, text: str) -> Iterator[Record | Unreadable]:
        for line in self.lines.feed(text):
            yield from self._line_read(line)
        if len(self.lines.rest) > MAX_ROW_CHARACTERS:
            self.lines.rest, self._cut = "", True

    def finish(self) -> Iterator[Record | Unreadable]:
        rest = self.lines.finish()
        if rest or self._cut:
            yield from self._line_read(rest)
        while self._open:
            yield self._give_up()
            yield from self._work()

    def _line_read(self, line: str) -> Iterator[Record | Unreadable]:
        self._line += 1
        if self._cut:
            self._cut = False
            yield Unreadable(self._line, f"the line is longer than {MAX_ROW_CHARACTERS} characters")
            return
        self._queue.append((self._line, line))
        yield from self._work()

    def _work(self) -> Iterator[Record | Unreadable]:
        while self._queue:
            number, line = self._queue.popleft()
            if not self._open and not line.strip():
                continue
            self._open.append((number, line))
            # Inside an open quote only a line with a quote can complete the row: spares reading it again and again.
            row = self._parsed() if len(self._open) == 1 or '"' in line else None
            if row is not None:
                self._open = []
                yield row
            elif self._hopeless():
                yield self._give_up()

    def _parsed(self) -> Record | Unreadable | None:
        number, first = self._open[0]
        if not self.delimiter:
            self.delimiter = max(DELIMITERS, key=first.count)
        if '"' not in first:
            return Record(number, first.removesuffix("\n").split(self.delimiter))
        lines = _Lines(line for _, line in self._open)
        try:
            cells = next(csv.reader(lines, delimiter=self.delimiter))
        except csv.Error as error:
            return Unreadable(number, f"not readable as CSV: {error}")
        return None if lines.asked_for_more else Record(number, cells)

    def _hopeless(self) -> bool:
        return len(self._open) > MAX_ROW_LINES or sum(len(line) for _, line in self._open) > MAX_ROW_CHARACTERS

    def _give_up(self) -> Unreadable:
        """Refuses the line that opened the quote and puts the others back to be read anew."""
        (number, _), *others = self._open
        self._open = []
        self._queue.extendleft(reversed(others))
        return Unreadable(number, "a quote is opened and never closed")


class _Lines(Iterator[str]):
    """Notices that the reader wanted a further line: the row is not complete."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self.asked_for_more = False

    def __next__(self) -> str:
        for line in self._lines:
            return line
        self.asked_for_more = True
        raise StopIteration
