"""A file's bytes, as they arrive, to rows with the header first, whatever the format; and what the file turned out
to be."""

from collections.abc import AsyncIterator, Iterable, Sequence

from chassis.errors import FieldError, Invalid
from intake.adapters import spreadsheet
from intake.domain.files.encoding import TextStream
from intake.domain.files.facts import FileFacts
from intake.domain.files.kinds import HEAD_BYTES, binary_kind, refused, text_kind
from intake.domain.files.ndjson import ObjectStream
from intake.domain.files.records import Record, RecordStream, Unreadable

Rows = Iterable[Record | Unreadable]


class FileRows:
    """Text is held one row at a time; a spreadsheet, which cannot be read in pieces, whole and up to its limit."""

    def __init__(self, expected: Sequence[str], sheet: str | None) -> None:
        self.facts = FileFacts()
        self._expected = expected
        self._sheet = sheet
        self._text = TextStream()
        self._stream: RecordStream | ObjectStream | None = None

    async def read(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[Rows]:
        """Raises Invalid for a file that cannot be imported, saying what to do."""
        head = await _head(chunks)
        if binary_kind(head) == "xlsx":
            async for rows in self._spreadsheet(head, chunks):
                yield rows
            return
        if self._sheet is not None:
            raise Invalid("the sheet cannot be chosen", [FieldError("sheet", "only a spreadsheet has sheets")])
        yield self._fed(self._text.feed(head))
        async for chunk in chunks:
            yield self._fed(self._text.feed(chunk))
            self._note()
        yield self._fed(self._text.finish())
        if self._stream is not None:
            yield self._stream.finish()
        self._note()

    async def _spreadsheet(self, head: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[Rows]:
        self.facts.format = "xlsx"
        content = bytearray(head)
        async for chunk in chunks:
            content += chunk
            if len(content) > spreadsheet.MAX_BYTES:
                megabytes = spreadsheet.MAX_BYTES // 1024**2
                raise refused(f"is a spreadsheet of more than {megabytes} MB; split it, or save it as CSV")
        width = 0
        async for answer in spreadsheet.sheet_rows(bytes(content), self._sheet):
            if isinstance(answer, str):
                self.facts.sheet = answer
                continue
            width = width or _last_named(answer[0])
            yield [_cut(row, width) for row in answer]

    def _fed(self, text: str) -> Rows:
        if not text:
            return ()
        if self._stream is None:
            self.facts.format = text_kind(text)
            self._stream = ObjectStream(self._expected) if self.facts.format == "ndjson" else RecordStream()
        return self._stream.feed(text)

    def _note(self) -> None:
        """So far: a file that breaks off is reported too."""
        self.facts.encoding = self._text.encoding
        if self._stream is not None:
            self.facts.line_ends = self._stream.lines.ends
        if isinstance(self._stream, RecordStream):
            self.facts.delimiter = self._stream.delimiter
        if isinstance(self._stream, ObjectStream) and self._stream.met:
            never = [name for name in self._expected if name not in self._stream.met]
            self.facts.notes = [f"the mapping's column {name!r} occurs in no line" for name in never]


async def _head(chunks: AsyncIterator[bytes]) -> bytes:
    head = b""
    async for chunk in chunks:
        head += chunk
        if len(head) >= HEAD_BYTES:
            break
    return head


def _last_named(header: Record | Unreadable) -> int:
    if isinstance(header, Unreadable):
        return 0
    return max((n for n, cell in enumerate(header.cells, 1) if cell.strip()), default=0)


def _cut(row: Record | Unreadable, width: int) -> Record | Unreadable:
    """A sheet is as wide as its widest row: what stands empty beyond the header is no cell."""
    if isinstance(row, Unreadable):
        return row
    while len(row.cells) > width and not row.cells[-1].strip():
        row.cells.pop()
    return row
