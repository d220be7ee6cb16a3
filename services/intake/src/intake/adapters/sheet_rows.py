"""The rows of one spreadsheet, read in a process of its own: `python -m intake.adapters.sheet_rows`.

calamine lays a sheet out as one dense range: two cells, A1 and XFD1048576, make it ask for 550 GB, and Rust ends the
process when it gets none. Here that ends this process, within its limits of memory and time, and no other.

In: one line of JSON (the wanted sheet or null), then the file. Out, a line of JSON each: {"sheet": …}, then lists of
[line, [cell, …]]; or {"refused": …}.
"""

import io
import json
import resource
import sys
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import Any

from intake.domain.files.ndjson import number_text

MEMORY_BYTES = 1024**3
CPU_SECONDS = 120
_ROWS, _CHARACTERS = 200, 250_000
_MIDNIGHT = time()


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    wanted = json.loads(sys.stdin.buffer.readline())
    for line in _answer(sys.stdin.buffer.read(), wanted):
        sys.stdout.write(json.dumps(line) + "\n")


def _answer(content: bytes, wanted: str | None) -> Iterator[Any]:
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name = _chosen(book, wanted)
        if name is None:
            yield {"refused": f"has no sheet {wanted!r}; it has {', '.join(map(repr, book.sheet_names))}"}
            return
        sheet = book.get_sheet_by_name(name)
        yield {"sheet": name}
        yield from _batches(sheet)
    except PasswordError:
        yield {"refused": "is protected by a password; save it without one"}
    except CalamineError:
        yield {"refused": "is damaged or incomplete; open it, save it again as .xlsx and send that"}


def _chosen(book: Any, wanted: str | None) -> str | None:
    """The named sheet; else the first visible one that holds anything, else the first of all."""
    if wanted is not None:
        return wanted if wanted in book.sheet_names else None
    visible: list[str] = [
        meta.name for meta in book.sheets_metadata if "Visible" in str(meta.visible)
    ] or book.sheet_names
    return next((name for name in visible if book.get_sheet_by_name(name).height), visible[0])


def _batches(sheet: Any) -> Iterator[list[tuple[int, list[str]]]]:
    batch: list[tuple[int, list[str]]] = []
    size = 0
    first_line = (sheet.start or (0, 0))[0] + 1
    for line, row in enumerate(sheet.to_python(skip_empty_area=True), first_line):
        cells = [cell_of(value) for value in row]
        if not any(map(str.strip, cells)):
            continue
        batch.append((line, cells))
        size += sum(map(len, cells))
        if len(batch) >= _ROWS or size >= _CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def cell_of(value: Any) -> str:
    """As a person sees it, dates in ISO 8601: 12345.0 is 12345, a date without a time of day is a date."""
    if isinstance(value, str):
        return value.replace("_x000D_", "").replace("\r\n", "\n").replace("\r", "\n")
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float):
        return number_text(float(value))
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(" ", "seconds")
    if isinstance(value, date | time):
        return value.isoformat()
    return _duration(value) if isinstance(value, timedelta) else ""


def _duration(value: timedelta) -> str:
    seconds = round(value.total_seconds())
    return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"


if __name__ == "__main__":
    main()
