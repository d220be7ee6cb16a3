"""The report of an import: counts as it goes on, every rejected row, and how it ended."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, NamedTuple

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, RedressError
from chassis.ids import new_id
from intake.adapters import notes
from intake.adapters.adoption import owners_of
from intake.adapters.bulk import Insert
from intake.adapters.persons import Owner
from intake.app.imports.changes import Change, Known, Owners, changes
from intake.app.imports.look import report_of
from intake.app.imports.once import keep_report
from intake.domain.complaint import GRADES
from intake.domain.files.facts import FileFacts
from intake.domain.files.mapping import FileMapping
from redress.intake.v1 import intake_pb2 as pb

_ROWS = Insert("import_rows", {"import_id": "uuid", "n": "int", "line": "int", "column": "text", "reason": "text"})
_CHANGES = Insert(
    "import_changes",
    {
        "import_id": "uuid",
        "n": "int",
        "line": "int",
        "complaint_id": "uuid",
        "field": "text",
        "was": "text",
        "now": "text",
        "person_id": "uuid",
        "sealed": "bytea",
    },
)


class Reject(NamedTuple):
    line: int
    column: str
    reason: str


@dataclass(frozen=True)
class Begun:
    """What was said when the file came."""

    file_name: str
    document: Any
    historical: bool
    dry_run: bool
    sheet: str | None


class Stopped(Conflict):
    def __init__(self) -> None:
        super().__init__("stopped", "the import was stopped")


class Report:
    """Counts in the database as it goes on, so that another process can go on with it."""

    def __init__(
        self, db: Database, call: Call, begun: Begun, import_id: str = "", started_at: datetime | None = None
    ) -> None:
        self._db = db
        self._call = call
        self._begun = begun
        self._import_id = import_id or new_id()
        self._started_at = started_at
        self._rejected = 0
        self._changed = 0
        self._taken_up = False

    @property
    def import_id(self) -> str:
        return self._import_id

    def registered_it(self, outcome: pb.Registered) -> bool:
        """Whether an existing complaint is a row of this very import: only one that was interrupted meets such."""
        started = self._started_at
        return started is not None and outcome.t_registered.ToDatetime(tzinfo=UTC) >= started and self._taken_up

    async def begin(self) -> None:
        if self._started_at is not None:
            await self._take_up()
            return
        async with self._db.tx() as tx:
            await insert(tx, self._call, self._import_id, self._begun, "running")
            self._started_at = tx.now

    async def _take_up(self) -> None:
        async with self._db.read() as tx:
            self._rejected = await _next(tx, "import_rows", self._import_id)
            self._changed = await _next(tx, "import_changes", self._import_id)
        self._taken_up = True

    async def add(
        self, mapping: FileMapping, known: Sequence[Known], rejects: Sequence[Reject], bytes_read: int
    ) -> None:
        """Raises Stopped when a person has stopped the import meanwhile."""
        new = [each for each in known if not each.existing]
        if self._begun.dry_run:
            mapping = replace(mapping, kept=())
        said = [each for each in known if each.existing or mapping.kept]
        async with self._db.tx() as tx:
            whose = await owners_of(tx, (each.complaint_id for each in said)) if said else {}
            # Of people who were erased nothing is taken up again.
            found = await changes(tx, mapping, [each for each in said if whose.get(each.complaint_id)], whose)
            await self._note(tx, found, rejects, whose)
            changed = len({change.line for change in found})
            state = await self._count(tx, new, len(known) - len(new), len(rejects), changed, bytes_read)
        self._rejected += len(rejects)
        self._changed += len(found)
        if state == "stopped":
            raise Stopped

    async def _count(
        self, tx: Tx, new: Sequence[Known], existing: int, rejected: int, changed: int, bytes_read: int
    ) -> str:
        grades = Counter(each.grade for each in new)
        return str(
            await tx.fetchval(
                "UPDATE imports SET rows = rows + $2 + $3 + $4, registered = registered + $2, existing = existing + $3,"
                " rejected = rejected + $4, changed = changed + $5, urgent = urgent + $6, important = important + $7,"
                " routine = routine + $8, proposals = proposals + $9, bytes_read = greatest(bytes_read, $10)"
                " WHERE import_id = $1 RETURNING state",
                self._import_id,
                len(new),
                existing,
                rejected,
                changed,
                *(grades[grade] for grade in GRADES),
                sum(each.proposals for each in new),
                bytes_read,
            )
        )

    async def _note(self, tx: Tx, found: Sequence[Change], rejects: Sequence[Reject], whose: Owners) -> None:
        await _ROWS.run(tx, [(self._import_id, n, *reject) for n, reject in enumerate(rejects, self._rejected)])
        numbered = enumerate(found, self._changed)
        await _CHANGES.run(tx, [self._row(n, change, whose[change.complaint_id]) for n, change in numbered])

    def _row(self, n: int, change: Change, whose: Owner | None) -> tuple[Any, ...]:
        assert whose is not None, "of the erased there are no changes"
        sealed = notes.seal_texts(whose, notes.change_place(self._import_id, n), change.was, change.now)
        place = (self._import_id, n, change.line, change.complaint_id, change.field)
        return (*place, "", "", whose.person_id, sealed)

    async def done(self, facts: FileFacts, sha256: str, body: bytes | None = None) -> pb.ImportReport:
        """`body`: under the caller's key this report is kept as the answer to it."""
        async with self._db.tx() as tx:
            await _finish(tx, self._import_id, "done", facts, sha256, "")
            report = await report_of(tx, self._import_id)
            if body is not None:
                await keep_report(tx, self._call, body, report)
        return report

    async def failed(self, error: BaseException, facts: FileFacts, sha256: str) -> None:
        """What was registered stays; the same file sent again goes on where this one broke off."""
        if self._started_at is not None and not isinstance(error, Stopped):
            detail = error.detail if isinstance(error, RedressError) else type(error).__name__
            await asyncio.shield(self._fail(detail, facts, sha256))

    async def _fail(self, detail: str, facts: FileFacts, sha256: str) -> None:
        async with self._db.tx() as tx:
            await _finish(tx, self._import_id, "failed", facts, sha256, detail)


async def insert(tx: Tx, call: Call, import_id: str, begun: Begun, state: str) -> None:
    await tx.execute(
        "INSERT INTO imports (import_id, file_name, mapping, historical, state, encoding, rows, registered,"
        " existing, rejected, sha256, error, started_by, started_at, dry_run, wanted_sheet, started_roles)"
        " VALUES ($1, $2, $3, $4, $5, '', 0, 0, 0, 0, '', '', $6, $7, $8, $9, $10)",
        import_id,
        begun.file_name,
        begun.document,
        begun.historical,
        state,
        call.actor,
        tx.now,
        begun.dry_run,
        begun.sheet,
        sorted(call.roles),
    )
    tx.audit(
        aggregate_type="import",
        aggregate_id=import_id,
        action="dry run started" if begun.dry_run else "import started",
        call=call,
        changes={"historical": [None, begun.historical]},
        first=True,
    )


async def _next(tx: Tx, table: str, import_id: str) -> int:
    last = await tx.fetchval(f"SELECT max(n) FROM {table} WHERE import_id = $1", import_id)  # noqa: S608 - ours
    return 0 if last is None else int(last) + 1


async def _finish(tx: Tx, import_id: str, state: str, facts: FileFacts, sha256: str, error: str) -> None:
    await tx.execute(
        "UPDATE imports SET state = $2, encoding = $3, sha256 = $4, error = $5, finished_at = $6, format = $7,"
        " line_ends = $8, delimiter = $9, sheet = $10, notes = $11 WHERE import_id = $1",
        import_id,
        state,
        facts.encoding,
        sha256,
        error,
        tx.now,
        facts.format,
        facts.line_ends,
        facts.delimiter,
        facts.sheet,
        facts.notes,
    )
