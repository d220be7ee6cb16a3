"""Tables as files that grow while they are sent, CSV and XLSX: nothing is held but the piece at hand."""

import csv
import io
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Protocol
from xml.sax.saxutils import escape

XLSX_ROWS = 1_048_575
"""What a sheet can hold beside its head."""
XLSX_SHEET_BYTES = 2_000_000_000
"""Beyond 2 GiB an entry of the archive would need ZIP64, which not every reader takes in a stream."""
_CELL_CHARACTERS = 32_767
# What a spreadsheet program may take for a formula, in any width of characters.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_LIKE_ESCAPED = re.compile("_(?=x[0-9A-Fa-f]{4}_)")
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_RELATIONS = "http://schemas.openxmlformats.org/package/2006/relationships"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
_TYPES = "application/vnd.openxmlformats-officedocument.spreadsheetml"
_PARTS = {
    "[Content_Types].xml": '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
    '<Default Extension="xml" ContentType="application/xml"/>'
    f'<Override PartName="/xl/workbook.xml" ContentType="{_TYPES}.sheet.main+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet1.xml" ContentType="{_TYPES}.worksheet+xml"/>'
    f'<Override PartName="/xl/worksheets/sheet2.xml" ContentType="{_TYPES}.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_OFFICE}"><sheets>'
    '<sheet name="complaints" sheetId="1" r:id="r1"/><sheet name="about" sheetId="2" r:id="r2"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{_RELATIONS}">'
    f'<Relationship Id="r1" Type="{_OFFICE}/worksheet" Target="worksheets/sheet1.xml"/>'
    f'<Relationship Id="r2" Type="{_OFFICE}/worksheet" Target="worksheets/sheet2.xml"/></Relationships>',
}
_SHEET_BEGIN, _SHEET_END = f'{_HEAD}<worksheet xmlns="{_MAIN}"><sheetData>', "</sheetData></worksheet>"

Row = Sequence[Any]


class Sheet(Protocol):
    """A file in the making: every call gives the bytes that are ready."""

    full: bool
    """It can hold no more rows."""

    def begin(self, columns: Sequence[str]) -> bytes: ...
    def rows(self, rows: Iterable[Row]) -> bytes: ...
    def end(self, about: Iterable[Row]) -> bytes: ...


def defused(value: Any) -> Any:
    """Text that would become a formula on somebody's desk gets an apostrophe before it."""
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


class Csv:
    """RFC 4180, with the mark without which a spreadsheet takes a file for one in the encoding of its country."""

    full = False

    def begin(self, columns: Sequence[str]) -> bytes:
        return "\ufeff".encode() + self.rows([columns])

    def rows(self, rows: Iterable[Row]) -> bytes:
        written = io.StringIO()
        csv.writer(written).writerows([defused(value) for value in row] for row in rows)
        return written.getvalue().encode("utf-8", "replace")

    def end(self, about: Iterable[Row]) -> bytes:
        return b""


class Xlsx:
    """Office Open XML (ECMA-376), texts within their cells: a table of shared ones would have to be held."""

    def __init__(self) -> None:
        self.full = False
        self._sent = _Sent()
        self._archive = zipfile.ZipFile(self._sent, "w", zipfile.ZIP_DEFLATED, compresslevel=1)
        self._sheet: Any = None
        self._left = XLSX_ROWS
        self._bytes_left = XLSX_SHEET_BYTES

    def begin(self, columns: Sequence[str]) -> bytes:
        for name, content in _PARTS.items():
            self._archive.writestr(name, _HEAD + content)
        self._sheet = self._archive.open("xl/worksheets/sheet1.xml", "w")
        self._sheet.write(f"{_SHEET_BEGIN}{_row(columns)}".encode())
        return self._sent.taken()

    def rows(self, rows: Iterable[Row]) -> bytes:
        for row in rows:
            text = _row(row).encode()
            if self._left == 0 or self._bytes_left < len(text):
                self.full = True
                break
            self._sheet.write(text)
            self._left -= 1
            self._bytes_left -= len(text)
        return self._sent.taken()

    def end(self, about: Iterable[Row]) -> bytes:
        self._sheet.write(_SHEET_END.encode())
        self._sheet.close()
        self._archive.writestr("xl/worksheets/sheet2.xml", f"{_SHEET_BEGIN}{''.join(map(_row, about))}{_SHEET_END}")
        self._archive.close()
        return self._sent.taken()


class _Sent(io.RawIOBase):
    """What the archive writes, until it is taken away to be sent."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        pieces, self._pieces = self._pieces, []
        return b"".join(pieces)


def _row(values: Row) -> str:
    return f"<row>{''.join(_cells(values))}</row>"


def _cells(values: Row) -> Iterator[str]:
    for value in values:
        if value is None or value == "":
            yield "<c/>"
        elif isinstance(value, bool):
            yield f'<c t="b"><v>{int(value)}</v></c>'
        elif isinstance(value, int | float):
            yield f"<c><v>{value}</v></c>"
        else:
            yield f'<c t="inlineStr"><is><t xml:space="preserve">{_text(str(value))}</t></is></c>'


def _text(value: str) -> str:
    text = str(defused(value))
    if len(text) > _CELL_CHARACTERS:
        text = text[: _CELL_CHARACTERS - 1] + "…"
    return escape(_LIKE_ESCAPED.sub("_x005F_", _NOT_IN_XML.sub("\ufffd", text)))
