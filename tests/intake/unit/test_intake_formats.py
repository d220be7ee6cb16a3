"""The same rows in any format; files that are none are refused with what to do instead."""

import asyncio
import io
import json
import zipfile
from collections.abc import AsyncIterator
from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from chassis.errors import Invalid, Unavailable
from intake.adapters import spreadsheet
from intake.adapters.sheet_rows import cell_of
from intake.app.imports.file_rows import FileRows
from intake.domain.files.facts import FileFacts
from intake.domain.files.mapping import bound
from intake.domain.files.records import MAX_ROW_CHARACTERS, Record, Unreadable
from intake.domain.files.rows import submission

HEADER = ["id", "product", "what", "day"]
ROWS = [[12345, "泵 P7", "漏水\n第二行", "2024-04-01"], [None, "P8", 'says "hi", twice', ""]]
MAPPING = {"columns": {"product_family": {"column": "product"}, "description": {"column": "what"}}}


async def chunks(content: bytes, size: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def read(
    content: bytes, *, sheet: str | None = None, expected: tuple[str, ...] = (), size: int = 1000
) -> tuple[FileFacts, list[Record | Unreadable]]:
    file = FileRows(expected, sheet)
    rows = [row async for batch in file.read(chunks(content, size)) for row in batch]
    return file.facts, rows


def workbook(*sheets: tuple[str, list[list[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets:
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def as_csv(end: str = "\n", delimiter: str = ",") -> str:
    def cell(value: Any) -> str:
        return '"' + str("" if value is None else value).replace('"', '""') + '"'

    return end.join(delimiter.join(map(cell, row)) for row in [HEADER, *ROWS]) + end


def as_ndjson() -> str:
    return "".join(json.dumps(dict(zip(HEADER, row, strict=True)), ensure_ascii=False) + "\n" for row in ROWS)


async def test_the_same_rows_in_any_format_are_the_same_complaints() -> None:
    made = {
        "csv": as_csv().encode(),
        "csv, another order of columns": b'what,"day",id,product\n"\xe6\xbc\x8f\xe6\xb0\xb4\n\xe7\xac\xac\xe4\xba\x8c'
        b'\xe8\xa1\x8c",2024-04-01,12345,\xe6\xb3\xb5 P7\n"says ""hi"", twice",,,P8\n',
        "gbk, semicolons": as_csv("\r\n", ";").encode("gbk"),
        "utf-16": as_csv("\r").encode("utf-16"),
        "ndjson": as_ndjson().encode(),
        "xlsx": workbook(("Data", [HEADER, [12345.0, *ROWS[0][1:3], date(2024, 4, 1)], ROWS[1]])),
    }
    found = {}
    for name, content in made.items():
        _, (header, *rows) = await read(content)
        assert isinstance(header, Record)
        mapping = bound(MAPPING, [cell.strip() for cell in header.cells])
        given = [submission(mapping, row.cells, historical=False) for row in rows if isinstance(row, Record)]
        found[name] = [(each.external_id, each.product_family, each.description) for each in given]
    assert all(each == found["csv"] for each in found.values()), found


@pytest.mark.parametrize(
    ("content", "facts"),
    [
        (as_csv("\r\n").encode("utf-8-sig"), ("csv", "utf-8-sig", "mixed", ",", "")),
        (b"a;b\r\n1;2\r\n", ("csv", "utf-8", "CRLF", ";", "")),
        (b"a\tb\r1\t2\r", ("csv", "utf-8", "CR", "\t", "")),
        ("编号,描述\n1,异响\n".encode("gbk"), ("csv", "gb18030", "LF", ",", "")),
        ("編號,描述\n1,電池發燙，請問怎麼處理\n".encode("big5"), ("csv", "cp950", "LF", ",", "")),
        ("a,b\r\n1,2\r\n".encode("utf-16-le"), ("csv", "utf-16-le", "CRLF", ",", "")),
        (as_ndjson().encode(), ("ndjson", "utf-8", "LF", "", "")),
        (workbook(("Leer", []), ("Fälle", [HEADER])), ("xlsx", "", "", "", "Fälle")),
    ],
)
async def test_what_a_file_turned_out_to_be_is_told(content: bytes, facts: tuple[str, ...]) -> None:
    for size in (7, 100_000):
        told, _ = await read(content, size=size)
        assert (told.format, told.encoding, told.line_ends, told.delimiter, told.sheet) == facts


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is empty"),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"\x89PNG\r\n\x1a\n", "is a picture"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(500), "save it as .xlsx or CSV"),
        (bytes(range(256)) * 20, "holds no text"),
        (bytes(6000), "holds no text"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b'[{"a": 1}]', "one object per line"),
        (b'{\n "a": 1\n}', "one object per line"),
        (b"Received: from x\r\nFrom: a@b.example\r\n\r\nhi", "/v1/channels/mail/messages"),
        (b"\x1f\x8b\x08\x00abc", "unpack it first"),
        (b"PK\x03\x04 and rubbish", "damaged or incomplete"),
        (workbook(("A", [HEADER, *ROWS]))[:-200], "damaged or incomplete"),
    ],
)
async def test_wrong_files_are_refused_with_what_to_do(content: bytes, says: str) -> None:
    with pytest.raises(Invalid) as refused:
        await read(content)
    assert says in refused.value.detail
    assert refused.value.fields[0].field == "file"


def zipped(**entries: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in entries.items():
            package.writestr(name.replace("__", "/"), content)
    return out.getvalue()


async def test_a_package_that_would_unpack_to_too_much_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_UNPACKED_BYTES", 1024**2)
    bomb = zipped(**{"xl__workbook.xml": b"<x/>", "xl__worksheets__sheet1.xml": bytes(2 * 1024**2)})
    with pytest.raises(Invalid, match="would unpack to more than"):
        await read(bomb)
    with pytest.raises(Invalid, match="not an Excel file"):
        await read(zipped(**{"word__document.xml": b"<x/>"}))


async def test_two_cells_that_ask_for_550_gigabytes_end_no_process_of_ours() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "x", "y"
    out = io.BytesIO()
    book.save(out)
    with pytest.raises(Invalid, match="too large or too damaged"):
        await read(out.getvalue())


async def test_a_spreadsheet_beyond_the_limit_is_refused_before_it_is_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreadsheet, "MAX_BYTES", 4096)
    with pytest.raises(Invalid, match="split it, or save it as CSV"):
        await read(workbook(("A", [[f"{n}-{n**9}"] for n in range(500)])))


async def test_the_named_sheet_is_read_and_a_wrong_name_answered_with_the_right_ones() -> None:
    content = workbook(("A", [["a"]]), ("B", [["b"], [1]]))
    facts, rows = await read(content, sheet="B")
    assert (facts.sheet, [row.cells for row in rows if isinstance(row, Record)]) == ("B", [["b"], ["1"]])
    with pytest.raises(Invalid, match="it has 'A', 'B'"):
        await read(content, sheet="C")
    with pytest.raises(Invalid, match="sheet"):
        await read(b"a,b\n", sheet="B")


async def test_rows_of_a_sheet_keep_their_numbers_and_empty_ones_are_none() -> None:
    _, rows = await read(workbook(("A", [[], ["id", "x", None], [None], [1], [None, " "], [2, 3, "beyond"]])))
    assert [(row.line, row.cells) for row in rows if isinstance(row, Record)] == [
        (2, ["id", "x"]),
        (4, ["1", ""]),
        (6, ["2", "3", "beyond"]),
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (12345.0, "12345"),
        (0.1 + 0.2, "0.3"),
        (1e16, "10000000000000000"),
        (1e-7, "0.0000001"),
        (-3.5, "-3.5"),
        (True, "TRUE"),
        (date(2024, 4, 1), "2024-04-01"),
        (datetime(2024, 4, 1), "2024-04-01"),  # noqa: DTZ001 - cells have no zone
        (datetime(2024, 4, 1, 18, 20), "2024-04-01 18:20:00"),  # noqa: DTZ001
        (time(8, 30), "08:30:00"),
        (timedelta(hours=30), "30:00:00"),
        ("a_x000D_\r\nb", "a\nb"),
    ],
)
def test_a_cell_is_read_as_a_person_sees_it(value: Any, shown: str) -> None:
    assert cell_of(value) == shown


async def test_a_row_beyond_the_readers_limit_is_refused_by_what_it_is() -> None:
    stdout = asyncio.StreamReader(limit=10)
    stdout.feed_data(b"[]\n" + b"x" * 100 + b"\n")
    stdout.feed_eof()
    lines = spreadsheet.lines_of(stdout)
    assert await anext(lines) == b"[]\n"
    with pytest.raises(Invalid, match="a row that is too long"):
        await anext(lines)


async def test_objects_may_lack_keys_hold_others_and_be_nested() -> None:
    lines = [{"a": 1, "b": {"c": 2.0}}, {"a": None, "z": [1, "x"]}, {"b": {"c": "3"}, "late": "?"}]
    content = (
        "\n".join(map(json.dumps, lines)) + '\n"no object"\n{broken\n' + '{"a": "' + "x" * MAX_ROW_CHARACTERS + '"}'
    )
    facts, rows = await read(content.encode(), expected=("a", "never"))
    assert [row.cells[:3] for row in rows if isinstance(row, Record)] == [
        ["a", "b.c", "z"],
        ["1", "2", ""],
        ["", "", '[1, "x"]'],
        ["", "3", ""],
    ]
    assert [row.line for row in rows if isinstance(row, Unreadable)] == [4, 5, 6]
    assert facts.notes == ["the mapping's column 'never' occurs in no line"]


async def test_a_key_that_comes_late_still_tells_two_rows_apart() -> None:
    lines = [{"a": 1}] * 60 + [{"a": 1, "b": 2}]
    _, rows = await read("\n".join(map(json.dumps, lines)).encode())
    assert {row.rest for row in rows if isinstance(row, Record)} == {"", '{"b": "2"}'}


async def test_a_reader_that_has_ended_before_it_was_asked_does_not_blame_the_file() -> None:
    class Closed:
        def write(self, _data: bytes) -> None:
            raise RuntimeError("unable to perform operation on <UnixTransport closed=True>; the handler is closed")

    ended = SimpleNamespace(stdin=Closed(), stdout=asyncio.StreamReader())
    with pytest.raises(Unavailable, match="send it again"):
        await anext(spreadsheet._answers(ended, b"{}"))  # type: ignore[arg-type]
