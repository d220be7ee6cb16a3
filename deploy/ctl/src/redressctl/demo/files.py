"""The same rows as a company's systems would hand them over: a spreadsheet, JSON lines, an old export in GBK."""

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from openpyxl import Workbook

Rows = Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Made:
    entrance: str
    name: str
    media_type: str
    content: bytes


def made_files(rows: Rows) -> list[Made]:
    """A third of the rows in each form, in their order."""
    share = len(rows) // len(FORMS)
    return [form(rows[turn * share : (turn + 1) * share]) for turn, form in enumerate(FORMS)]


def _xlsx(rows: Rows) -> Made:
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(rows[0]))
    for row in rows:
        sheet.append(list(row.values()))
    kept = io.BytesIO()
    book.save(kept)
    return Made(
        "xlsx",
        "branch-office.xlsx",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        kept.getvalue(),
    )


def _ndjson(rows: Rows) -> Made:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    return Made("ndjson", "service-app.ndjson", "application/x-ndjson", text.encode())


def _gbk(rows: Rows) -> Made:
    """GB18030 holds all of GBK, and the names of customers that GBK lacks."""
    lines = io.StringIO(newline="")
    table = csv.DictWriter(lines, fieldnames=list(rows[0]))
    table.writeheader()
    table.writerows(rows)
    return Made("gbk", "dealer-export.csv", "text/csv", lines.getvalue().encode("gb18030"))


FORMS: tuple[Callable[[Rows], Made], ...] = (_xlsx, _ndjson, _gbk)
