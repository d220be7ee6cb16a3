"""One file, as it arrives, to complaints: read row by row, registered in groups, its report kept."""

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

from chassis.call import Call
from chassis.db import Database
from chassis.errors import FieldError, Invalid, RedressError
from intake.app.group import TRUSTED_WITH_HISTORY, Item
from intake.app.imports.changes import Known
from intake.app.imports.file_rows import FileRows
from intake.app.imports.once import FileHash, first_report
from intake.app.imports.report import Reject, Report
from intake.app.register import MAX_GROUP, Register
from intake.app.whole import opening, whole_chunks
from intake.domain.complaint import Submission
from intake.domain.files.mapping import FileMapping, bound, named_columns
from intake.domain.files.records import Record, Unreadable
from intake.domain.files.rows import cell_fault, submission
from redress.intake.v1 import intake_pb2 as pb

MAX_NAME = 255


@dataclass
class _Waiting:
    """Rows that were read and are not yet registered."""

    rows: list[Record] = field(default_factory=list)
    submissions: list[Submission] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.rows) + len(self.rejects)


class ImportFile:
    """Memory stays flat: at most one group of rows and one chunk are held (of a spreadsheet, the file)."""

    def __init__(self, db: Database, register: Register) -> None:
        self._db = db
        self._register = register

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ImportFileRequest]) -> pb.ImportReport:
        """Good rows are registered, bad ones reported with line, column and reason. Raises Invalid, with nothing
        written, when the mapping does not fit the file; a file that breaks off keeps what was registered.
        """
        call.require(*TRUSTED_WITH_HISTORY)
        header = (await opening(parts)).header
        document = _document(header)
        known = await first_report(self._db, call, header, parts)
        if known is not None:
            return known
        return await _Run(self._db, self._register, call, header, document).through(parts)


class _Run:
    def __init__(self, db: Database, register: Register, call: Call, header: pb.ImportHeader, document: Any) -> None:
        self._register = register
        self._call = call
        self._header = header
        self._document = document
        self._report = Report(db, call, header.file_name[:MAX_NAME], document, historical=header.historical)
        self._file = FileRows(named_columns(document), header.sheet if header.HasField("sheet") else None)
        self._hash = FileHash(header)
        self._columns: list[str] = []
        self._mapping: FileMapping | None = None
        self._waiting = _Waiting()

    async def through(self, parts: AsyncIterator[pb.ImportFileRequest]) -> pb.ImportReport:
        try:
            async for rows in self._file.read(self._chunks(parts)):
                for row in rows:
                    await self._take(row)
            if self._mapping is None:
                raise Invalid("the file is empty", [FieldError("file", "has no header")])
            await self._flush()
        except BaseException as error:
            await self._report.failed(error, self._file.facts, self._hash)
            raise
        return await self._report.done(self._file.facts, self._hash)

    async def _chunks(self, parts: AsyncIterator[pb.ImportFileRequest]) -> AsyncIterator[bytes]:
        async for chunk in whole_chunks(parts):
            self._hash.update(chunk)
            yield chunk

    async def _take(self, row: Record | Unreadable) -> None:
        if self._mapping is None:
            await self._begin(row)
            return
        self._read(self._mapping, row)
        if len(self._waiting) >= MAX_GROUP:
            await self._flush()

    async def _begin(self, row: Record | Unreadable) -> None:
        if isinstance(row, Unreadable):
            raise Invalid("the header cannot be read", [FieldError("file", row.reason)])
        self._columns = [cell.strip() for cell in row.cells]
        self._mapping = bound(self._document, self._columns)
        await self._report.begin()

    def _read(self, mapping: FileMapping, row: Record | Unreadable) -> None:
        if isinstance(row, Unreadable):
            self._waiting.rejects.append(Reject(row.line, "", row.reason))
            return
        fault = cell_fault(self._columns, row.cells)
        if fault:
            self._waiting.rejects.append(Reject(row.line, fault.field, fault.message))
            return
        try:
            given = submission(mapping, row.cells, historical=self._header.historical, rest=row.rest)
        except RedressError as error:
            self._waiting.rejects.append(_reject(mapping, row.line, error))
            return
        self._waiting.rows.append(row)
        self._waiting.submissions.append(given)

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        assert self._mapping is not None
        outcomes = await self._register([Item.without_key(self._call, given) for given in waiting.submissions])
        rejects, known = waiting.rejects, []
        for row, given, outcome in zip(waiting.rows, waiting.submissions, outcomes, strict=True):
            if isinstance(outcome, RedressError):
                rejects.append(_reject(self._mapping, row.line, outcome))
            else:
                known.append(Known(row, given, outcome.complaint_id, outcome.existing))
        await self._report.add(self._mapping, known, sorted(rejects))


def _reject(mapping: FileMapping, line: int, error: RedressError) -> Reject:
    """The first fault, by the file's own column name; the field where no column stands behind it."""
    if not error.fields:
        return Reject(line, "", error.detail)
    first = error.fields[0]
    return Reject(line, mapping.column_of(first.field) or first.field, f"{first.field} {first.message}")


def _document(header: pb.ImportHeader) -> Any:
    try:
        return json.loads(header.mapping)
    except (ValueError, RecursionError) as error:
        raise Invalid("the mapping cannot be read", [FieldError("mapping", "is not JSON")]) from error
