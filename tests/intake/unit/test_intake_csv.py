"""Reading CSV as it arrives: encodings, line ends, rows that cannot be read, memory that stays flat."""

import csv
import io

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from intake.domain.files.encoding import SAMPLE_BYTES, TextStream
from intake.domain.files.records import MAX_ROW_CHARACTERS, MAX_ROW_LINES, Record, RecordStream, Unreadable

Rows = list[Record | Unreadable]


def read(content: bytes, chunk: int = 7) -> tuple[str, Rows]:
    text, records = TextStream(), RecordStream()
    rows: Rows = []
    for start in range(0, len(content), chunk):
        rows += records.feed(text.feed(content[start : start + chunk]))
    rows += records.feed(text.finish())
    rows += records.finish()
    return text.encoding, rows


def cells(rows: Rows) -> list[list[str]]:
    return [row.cells for row in rows if isinstance(row, Record)]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize(
    ("encoding", "detected"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16"),
    ],
)
def test_encodings_and_line_ends_are_recognised(encoding: str, detected: str, end: str) -> None:
    content = end.join(["编号,描述", "1,方向盘异响", "2,漏油"]).encode(encoding)
    found, rows = read(content)
    assert found == detected
    assert cells(rows) == [["编号", "描述"], ["1", "方向盘异响"], ["2", "漏油"]]
    assert [row.line for row in rows] == [1, 2, 3]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_an_encoding_that_shows_late_is_still_recognised(encoding: str) -> None:
    plain = "a,b\n" + "1,2\n" * SAMPLE_BYTES
    found, rows = read((plain + "3,异响\n").encode(encoding), chunk=10_000)
    assert found == encoding
    assert cells(rows)[-1] == ["3", "异响"]


def test_pure_ascii_is_utf_8() -> None:
    assert read(b"a,b\n1,2\n")[0] == "utf-8"


def test_broken_bytes_in_one_row_do_not_change_the_encoding() -> None:
    good = "".join(f"{n},车辆行驶中异响\n" for n in range(50)).encode()
    found, rows = read(b"id,text\n" + good + b"99,\xff\xfe\n" + good)
    assert found == "utf-8"
    broken = [row for row in cells(rows) if any("\ud800" <= c <= "\udfff" for cell in row for c in cell)]
    assert [row[0] for row in broken] == ["99"]


def test_quoted_cells_keep_their_separators_quotes_and_line_ends() -> None:
    _, rows = read(b'a,b\r\n"x,1","say ""hi""\r\nsecond line"\r\n3,4\r\n')
    assert cells(rows) == [["a", "b"], ["x,1", 'say "hi"\nsecond line'], ["3", "4"]]
    assert [row.line for row in rows] == [1, 2, 4]


def test_a_quote_that_never_closes_costs_its_own_line_only() -> None:
    content = 'a,b\n1,2\n3,"open\n' + "".join(f"{n},x\n" for n in range(MAX_ROW_LINES + 50))
    _, rows = read(content.encode(), chunk=997)
    (bad,) = [row for row in rows if isinstance(row, Unreadable)]
    assert bad.line == 3
    assert len(cells(rows)) == 2 + MAX_ROW_LINES + 50
    assert rows[-1].line == 3 + MAX_ROW_LINES + 50


def test_a_quote_open_at_the_end_of_the_file_costs_its_own_line_only() -> None:
    _, rows = read(b'a,b\n1,"open\n2,x\n3,y')
    assert [row.line for row in rows if isinstance(row, Unreadable)] == [2]
    assert cells(rows) == [["a", "b"], ["2", "x"], ["3", "y"]]


def test_a_line_without_end_is_not_held() -> None:
    records = RecordStream()
    rows = list(records.feed("a,b\n1,"))
    for _ in range(50):
        rows += records.feed("x" * 10_000)
        assert len(records.lines.rest) <= MAX_ROW_CHARACTERS + 10_000
    rows += records.feed("\n2,y\n")
    assert [row.line for row in rows if isinstance(row, Unreadable)] == [2]
    assert cells(rows) == [["a", "b"], ["2", "y"]]


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_header_tells_the_delimiter(delimiter: str) -> None:
    assert cells(read(f"a{delimiter}b\n1{delimiter}2\n".encode())[1]) == [["a", "b"], ["1", "2"]]


def test_blank_lines_are_no_rows() -> None:
    assert cells(read(b"\n\na,b\n\n1,2\n\n")[1]) == [["a", "b"], ["1", "2"]]


CELLS = st.text(st.characters(codec="utf-8", exclude_characters="\r\x00"), max_size=20)


@for_all(st.lists(st.tuples(CELLS, CELLS, CELLS), max_size=20), st.integers(1, 40), st.sampled_from(["\n", "\r\n"]))
def test_whatever_the_csv_module_writes_is_read_back_in_any_chunks(
    written: list[tuple[str, str, str]], chunk: int, end: str
) -> None:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerow(["h1", "h2", "h3"])
    writer.writerows(written)
    _, rows = read(out.getvalue().encode(), chunk)
    assert [tuple(row) for row in cells(rows)[1:]] == written


@for_all(st.binary(max_size=400), st.integers(1, 50))
def test_no_bytes_at_all_break_the_reader(content: bytes, chunk: int) -> None:
    _, rows = read(content, chunk)
    assert [row.line for row in rows] == sorted(row.line for row in rows)
