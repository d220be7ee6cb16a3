"""Tables as files: what a spreadsheet program finds in them."""

import csv
import io
from collections.abc import Iterable
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.adapters import sheets
from gateway.adapters.sheets import Csv, Sheet, Xlsx

COLUMNS = ["number", "lot", "quantity"]
HARMFUL = ["=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", "＝1"]


def written(sheet: Sheet, pages: Iterable[list[list[Any]]]) -> bytes:
    content = sheet.begin(COLUMNS) + b"".join(sheet.rows(page) for page in pages)
    return content + sheet.end([["complete", "yes"]])


def read_xlsx(content: bytes) -> list[list[Any]]:
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True)
    return [[cell.value for cell in row] for row in book["complaints"].rows]


def test_csv_has_its_mark_and_quotes_what_must_be_quoted() -> None:
    content = written(Csv(), [[["C26-1", 'a "b", c\nd', 3]], [["C26-2", None, 4]]])
    assert content.startswith(b"\xef\xbb\xbfnumber,lot,quantity\r\n")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert rows[1:] == [["C26-1", 'a "b", c\nd', "3"], ["C26-2", "", "4"]]


def test_xlsx_is_read_by_others_with_its_numbers_and_texts() -> None:
    rows = read_xlsx(written(Xlsx(), [[["C26-1", "A & <B>", 3]], [["C26-2", "第一批", 4]]]))
    assert rows == [COLUMNS, ["C26-1", "A & <B>", 3], ["C26-2", "第一批", 4]]


@pytest.mark.parametrize("text", HARMFUL)
def test_formulas_are_defused_in_both(text: str) -> None:
    line = written(Csv(), [[[text, "", 1]]]).decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(line.split("\r\n", 1)[1], newline="")))[0] == f"'{text}"
    assert read_xlsx(written(Xlsx(), [[[text, "", 1]]]))[1][0].startswith("'")


def test_a_sheet_that_is_full_says_so_and_stays_sound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sheets, "XLSX_ROWS", 2)
    sheet = Xlsx()
    content = written(sheet, [[["a", "", 1], ["b", "", 2], ["c", "", 3]]])
    assert sheet.full
    assert [row[0] for row in read_xlsx(content)] == ["number", "a", "b"]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=50))
def test_any_text_makes_a_sound_file(text: str) -> None:
    assert len(read_xlsx(written(Xlsx(), [[[text, "x", 1]]]))) == 2
    written(Csv(), [[[text, "x", 1]]])
