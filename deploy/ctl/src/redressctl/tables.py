"""The header and the rows of a table file, whatever its format: enough to choose a mapping and to send single rows.

The import itself reads files anew and strictly; this looks at files of the person at the terminal.
"""

import codecs
import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import openpyxl

from redressctl.errors import UnknownFile

Kind = Literal["csv", "ndjson", "xlsx", "mail", "mbox"]
_SNIFFED_BYTES = 65_536
_HEADER_LINES = 50
_DELIMITERS = ",;\t|"
_MAIL_HEADERS = frozenset(
    {"return-path", "received", "from", "mime-version", "delivered-to", "message-id", "date", "subject", "to"}
    | {"x-original-to", "dkim-signature", "reply-to", "x-priority", "content-type", "x-mailer"}
)


def kind_of(path: Path) -> Kind:
    """By content, never by name. Raises UnknownFile where there is no file."""
    if not path.is_file():
        raise UnknownFile(f"There is no file {path}: give a CSV, NDJSON or XLSX file with a header, or a mail.")
    with path.open("rb") as file:
        head = file.read(_SNIFFED_BYTES)
    if head.startswith(b"PK\x03\x04"):
        return "xlsx"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        head = head.decode("utf-16", "ignore").encode()
    first, _, rest = head.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
    if head.startswith(b"From ") and b":" in rest.partition(b"\n")[0]:
        return "mbox"
    name, colon, _ = first.partition(b":")
    if colon and name.decode("latin-1").lower() in _MAIL_HEADERS:
        return "mail"
    return "ndjson" if first.startswith(b"{") else "csv"


def header_of(path: Path, encoding: str) -> list[str]:
    match kind_of(path):
        case "xlsx":
            return next(_sheet(path), [])
        case "ndjson":
            first = islice(_objects(path, encoding), _HEADER_LINES)
            return list(dict.fromkeys(name for row in first for name in row))
        case _:
            return next(_lines(path, encoding), [])


def rows_of(path: Path, encoding: str) -> Iterator[dict[str, str]]:
    kind = kind_of(path)
    if kind == "ndjson":
        yield from _objects(path, encoding)
        return
    rows = _sheet(path) if kind == "xlsx" else _lines(path, encoding)
    header = next(rows, [])
    for row in rows:
        yield dict(zip(header, [*row, *[""] * len(header)], strict=False))


def _lines(path: Path, encoding: str) -> Iterator[list[str]]:
    with path.open(encoding=encoding, errors="replace", newline=None) as lines:
        first = lines.readline()
        lines.seek(0)
        yield from csv.reader(lines, delimiter=max(_DELIMITERS, key=first.count))


def _objects(path: Path, encoding: str) -> Iterator[dict[str, str]]:
    with path.open(encoding=encoding, errors="replace") as lines:
        for line in filter(str.strip, lines):
            try:
                value = json.loads(line)
            except ValueError:
                continue
            if isinstance(value, dict):
                yield dict(_flat(value))


def _flat(value: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, item in value.items():
        if isinstance(item, dict):
            yield from _flat(item, f"{prefix}{name}.")
        else:
            yield prefix + name, _shown(item)


def _sheet(path: Path) -> Iterator[list[str]]:
    """Of the first visible sheet that holds anything."""
    with path.open("rb") as file:  # by its content: openpyxl would judge a path by its name
        book = openpyxl.load_workbook(file, read_only=True, data_only=True)
        for page in book.worksheets:
            rows = ([_shown(value) for value in row] for row in page.iter_rows(values_only=True))
            filled = filter(any, rows)
            header = next(filled, None) if page.sheet_state == "visible" else None
            if header is not None:
                yield header
                yield from filled
                return


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else str(value).removesuffix(" 00:00:00")
