"""One file into one register: read row by row, kept in groups, every refused row told with its line and column."""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import FieldError, Invalid, NotFound
from intake.app.imports.file_rows import FileRows
from intake.app.master_data.saving import Saved, save
from intake.app.register import RACES
from intake.app.whole import opening, whole_chunks
from intake.domain.files.records import Record as Row
from intake.domain.files.records import Unreadable
from intake.domain.files.rows import cell_fault
from intake.domain.master_data.columns import Column
from intake.domain.master_data.register import Key, Record, Register, header_of
from intake.domain.master_data.registers import REGISTERS
from intake.domain.master_data.sheet import text_of
from redress.intake.v1 import master_data_pb2 as pb

GROUP = 500
FIRST_REJECTS = 200
_TRIES = 4
_MAX_NAME = 255


class _TriedOnly(Exception):
    """Ends the transaction of a dry run, so that nothing of it is kept."""


@dataclass
class _Waiting:
    lines: list[int] = field(default_factory=list)
    records: dict[Key, Record] = field(default_factory=dict)


class ImportMasterData:
    """Memory stays flat: a group of rows and one chunk are held (of a spreadsheet, the file)."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ImportMasterDataRequest]) -> pb.MasterDataImport:
        """Sound rows are kept even where others are refused; the same file again changes nothing. Raises NotFound for
        a register that does not exist, Invalid where the header does not fit or the file cannot be read."""
        header = (await opening(parts)).header
        register = register_of(header.register)
        call.require(*register.writers)
        return await _Run(self._db, call, register, header).through(parts)


def register_of(name: str) -> Register:
    if name not in REGISTERS:
        raise NotFound(f"there is no register {name[:100]!r}; there are {', '.join(REGISTERS)}")
    return REGISTERS[name]


class _Run:
    def __init__(self, db: Database, call: Call, register: Register, header: pb.MasterDataHeader) -> None:
        self._db = db
        self._call = call
        self._register = register
        self._dry_run = header.dry_run
        self._report = pb.MasterDataImport(
            register_name=register.name, file_name=header.file_name[:_MAX_NAME], dry_run=header.dry_run
        )
        names = [column.name for column in register.columns]
        self._file = FileRows(names, header.sheet if header.HasField("sheet") else None)
        self._hash = hashlib.sha256()
        self._cells: list[str] = []
        self._columns: dict[int, Column] = {}
        self._waiting = _Waiting()
        self._tried: set[Key] = set()

    async def through(self, parts: AsyncIterator[pb.ImportMasterDataRequest]) -> pb.MasterDataImport:
        async for rows in self._file.read(self._chunks(parts)):
            for row in rows:
                await self._take(row)
        if not self._columns:
            raise Invalid("the file is empty", [FieldError("file", "has no header")])
        await self._flush()
        facts = self._file.facts
        self._report.MergeFrom(
            pb.MasterDataImport(
                format=facts.format, encoding=facts.encoding, sheet=facts.sheet, sha256=self._hash.hexdigest()
            )
        )
        await self._record()
        return self._report

    async def _chunks(self, parts: AsyncIterator[pb.ImportMasterDataRequest]) -> AsyncIterator[bytes]:
        async for chunk in whole_chunks(parts):
            self._hash.update(chunk)
            yield chunk

    async def _take(self, row: Row | Unreadable) -> None:
        if not self._columns:
            self._begin(row)
            return
        self._report.rows += 1
        if isinstance(row, Unreadable):
            self._reject(row.line, "", row.reason)
        elif fault := cell_fault(self._cells, row.cells):
            self._reject(row.line, fault.field, fault.message)
        else:
            await self._keep(row)

    def _begin(self, row: Row | Unreadable) -> None:
        if isinstance(row, Unreadable):
            raise Invalid("the header cannot be read", [FieldError("file", row.reason)])
        self._cells = [cell.strip() for cell in row.cells]
        self._columns = header_of(self._register, self._cells)

    async def _keep(self, row: Row) -> None:
        try:
            record = self._register.read({c.name: text_of(row.cells[n]) for n, c in self._columns.items()})
        except Invalid as error:
            self._refuse(row.line, error)
            return
        key = self._register.key_of(record)
        if key in self._waiting.records or len(self._waiting.records) >= GROUP:
            # Of two rows with one key the later one holds, as it would in two files.
            await self._flush()
        self._waiting.records[key] = record
        self._waiting.lines.append(row.line)

    def _refuse(self, line: int, error: Invalid) -> None:
        first = error.fields[0]
        names = {column.name: self._cells[n] for n, column in self._columns.items()}
        self._reject(line, names.get(first.field, first.field), first.message)

    def _reject(self, line: int, column: str, reason: str) -> None:
        self._report.rejected += 1
        if len(self._report.first_rejects) < FIRST_REJECTS:
            self._report.first_rejects.append(pb.MasterDataReject(line=line, column=column, reason=reason))

    async def _flush(self) -> None:
        waiting, self._waiting = self._waiting, _Waiting()
        if not waiting.records:
            return
        outcomes = await self._saved(list(waiting.records.values()))
        for line, (key, outcome) in zip(waiting.lines, zip(waiting.records, outcomes, strict=True), strict=True):
            if isinstance(outcome, Invalid):
                self._refuse(line, outcome)
                continue
            setattr(self._report, outcome, getattr(self._report, outcome) + 1)
            if self._dry_run and any(r.register == self._register.name for r in self._register.references):
                self._tried.add(key)

    async def _saved(self, records: Sequence[Record]) -> list[Saved | Invalid]:
        for left in reversed(range(_TRIES)):
            try:
                return await self._once(records)
            except RACES:
                if not left:
                    raise
        raise AssertionError("unreachable")

    async def _once(self, records: Sequence[Record]) -> list[Saved | Invalid]:
        outcomes: list[Saved | Invalid] = []
        try:
            async with self._db.tx() as tx:
                outcomes = await save(tx, self._call, self._register, records, to_come=frozenset(self._tried))
                if self._dry_run:
                    raise _TriedOnly
        except _TriedOnly:
            pass
        return outcomes

    async def _record(self) -> None:
        if self._dry_run:
            return
        async with self._db.tx() as tx:
            await _audit_import(tx, self._call, self._report)


async def _audit_import(tx: Tx, call: Call, report: pb.MasterDataImport) -> None:
    counts = {name: [None, getattr(report, name)] for name in ("rows", "created", "changed", "unchanged", "rejected")}
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"register:{report.register_name}")
    tx.audit(
        aggregate_type="register",
        aggregate_id=f"register:{report.register_name}",
        action="master data imported",
        call=call,
        changes={"sha256": [None, report.sha256], **counts},
    )
