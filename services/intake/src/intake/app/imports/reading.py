"""A file's bytes to groups of rows that can be registered, and the rows that cannot."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from chassis.errors import FieldError, Invalid, RedressError
from intake.app.imports.file_rows import FileRows
from intake.app.imports.report import Reject
from intake.domain.complaint import Submission
from intake.domain.files.facts import FileFacts
from intake.domain.files.mapping import FileMapping, bound, named_columns
from intake.domain.files.records import Record, Unreadable
from intake.domain.files.rows import cell_fault, submission

GROUP = 500
"""Rows of one transaction: twenty statements cost as much for five hundred as for a hundred, and nobody waits."""


@dataclass
class Batch:
    """Rows that were read and are not yet registered."""

    rows: list[Record] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)
    bytes_read: int = 0
    """Of the file, up to the piece that this batch ends in."""

    def __len__(self) -> int:
        return len(self.rows) + len(self.rejects)


class Reading:
    """Memory stays flat: at most a group of rows and a chunk are held (of a spreadsheet, the file)."""

    def __init__(self, document: Any, *, historical: bool, sheet: str | None) -> None:
        self._document = document
        self._historical = historical
        self._file = FileRows(named_columns(document), sheet)
        self._columns: list[str] = []
        self._mapping: FileMapping | None = None
        self._bytes_read = 0

    @property
    def facts(self) -> FileFacts:
        return self._file.facts

    @property
    def mapping(self) -> FileMapping:
        """Once the header was read."""
        assert self._mapping is not None
        return self._mapping

    async def batches(self, chunks: AsyncIterator[bytes], skip: int = 0) -> AsyncIterator[Batch]:
        """The first is empty: the mapping fits the header. Then the rows after the first `skip` ones. Raises Invalid
        for a file that cannot be imported, or that the mapping does not fit.
        """
        batch = Batch()
        async for rows in self._file.read(self._counted(chunks)):
            for row in rows:
                if self._mapping is None:
                    self._begin(row)
                    yield Batch()
                elif skip:
                    skip -= 1
                else:
                    self._read(batch, row)
                    if len(batch) >= GROUP:
                        yield self._ended(batch)
                        batch = Batch()
        if self._mapping is None:
            raise Invalid("the file is empty", [FieldError("file", "has no header")])
        if len(batch):
            yield self._ended(batch)

    async def _counted(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self._bytes_read += len(chunk)
            yield chunk

    def _ended(self, batch: Batch) -> Batch:
        batch.bytes_read = self._bytes_read
        return batch

    def _begin(self, row: Record | Unreadable) -> None:
        if isinstance(row, Unreadable):
            raise Invalid("the header cannot be read", [FieldError("file", row.reason)])
        self._columns = [cell.strip() for cell in row.cells]
        self._mapping = bound(self._document, self._columns)

    def _read(self, batch: Batch, row: Record | Unreadable) -> None:
        if isinstance(row, Unreadable):
            batch.rejects.append(Reject(row.line, "", row.reason))
            return
        fault = cell_fault(self._columns, row.cells)
        if fault:
            batch.rejects.append(Reject(row.line, fault.field, fault.message))
            return
        try:
            given = submission(self.mapping, row.cells, historical=self._historical, rest=row.rest)
        except RedressError as error:
            batch.rejects.append(reject(self.mapping, row.line, error))
            return
        batch.rows.append(row)
        batch.submissions.append(given)


def reject(mapping: FileMapping, line: int, error: RedressError) -> Reject:
    """The first fault, by the file's own column name; the field where no column stands behind it."""
    if not error.fields:
        return Reject(line, "", error.detail)
    first = error.fields[0]
    return Reject(line, mapping.column_of(first.field) or first.field, f"{first.field} {first.message}")
