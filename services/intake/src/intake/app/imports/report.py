"""The report of an import: counts as it goes on, every rejected row, and how it ended."""

import asyncio
from collections.abc import Sequence
from typing import Any, NamedTuple

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import NotFound, RedressError
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import notes
from intake.adapters.adoption import owners_of
from intake.adapters.bulk import Insert
from intake.adapters.persons import Owner
from intake.app.imports.changes import Change, Known, Owners, changes
from intake.app.imports.once import FileHash, keep_report
from intake.app.load import WORKING, is_id
from intake.domain.files.facts import FileFacts
from intake.domain.files.mapping import FileMapping
from redress.intake.v1 import intake_pb2 as pb

FIRST = 20
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


class Report:
    def __init__(self, db: Database, call: Call, file_name: str, mapping: Any, *, historical: bool) -> None:
        self._db = db
        self._call = call
        self._import_id = new_id()
        self._first = (file_name, mapping, historical)
        self._begun = False
        self._rejected = 0
        self._changed = 0

    async def begin(self) -> None:
        async with self._db.tx() as tx:
            await tx.execute(
                "INSERT INTO imports (import_id, file_name, mapping, historical, state, encoding, rows, registered,"
                " existing, rejected, sha256, error, started_by, started_at)"
                " VALUES ($1, $2, $3, $4, 'running', '', 0, 0, 0, 0, '', '', $5, $6)",
                self._import_id,
                *self._first,
                self._call.actor,
                tx.now,
            )
            tx.audit(
                aggregate_type="import",
                aggregate_id=self._import_id,
                action="import started",
                call=self._call,
                changes={"historical": [None, self._first[2]]},
                first=True,
            )
        self._begun = True

    async def add(self, mapping: FileMapping, known: Sequence[Known], rejects: Sequence[Reject]) -> None:
        existing = sum(each.existing for each in known)
        said = [each for each in known if each.existing or mapping.kept]
        async with self._db.tx() as tx:
            whose = await owners_of(tx, (each.complaint_id for each in said)) if said else {}
            # Of people who were erased nothing is taken up again.
            found = await changes(tx, mapping, [each for each in said if whose[each.complaint_id]], whose)
            await self._note(tx, found, rejects, whose)
            await tx.execute(
                "UPDATE imports SET rows = rows + $2 + $3 + $4, registered = registered + $2, existing = existing + $3,"
                " rejected = rejected + $4, changed = changed + $5 WHERE import_id = $1",
                self._import_id,
                len(known) - existing,
                existing,
                len(rejects),
                len({change.line for change in found}),
            )
        self._rejected += len(rejects)
        self._changed += len(found)

    async def _note(self, tx: Tx, found: Sequence[Change], rejects: Sequence[Reject], whose: Owners) -> None:
        await _ROWS.run(tx, [(self._import_id, n, *reject) for n, reject in enumerate(rejects, self._rejected)])
        numbered = enumerate(found, self._changed)
        await _CHANGES.run(tx, [self._row(n, change, whose[change.complaint_id]) for n, change in numbered])

    def _row(self, n: int, change: Change, whose: Owner | None) -> tuple[Any, ...]:
        assert whose is not None, "of the erased there are no changes"
        sealed = notes.seal_texts(whose, notes.change_place(self._import_id, n), change.was, change.now)
        place = (self._import_id, n, change.line, change.complaint_id, change.field)
        return (*place, "", "", whose.person_id, sealed)

    async def done(self, facts: FileFacts, file_hash: FileHash) -> pb.ImportReport:
        async with self._db.tx() as tx:
            await self._finish(tx, "done", facts, file_hash.sha256, "")
            report = await _report(tx, self._import_id)
            await keep_report(tx, self._call, file_hash.body, report)
        return report

    async def failed(self, error: BaseException, facts: FileFacts, file_hash: FileHash) -> None:
        """What was registered stays; the same file sent again goes on where this one broke off."""
        if self._begun:
            detail = error.detail if isinstance(error, RedressError) else type(error).__name__
            await asyncio.shield(self._fail(detail, facts, file_hash.sha256))

    async def _fail(self, detail: str, facts: FileFacts, sha256: str) -> None:
        async with self._db.tx() as tx:
            await self._finish(tx, "failed", facts, sha256, detail)

    async def _finish(self, tx: Tx, state: str, facts: FileFacts, sha256: str, error: str) -> None:
        await tx.execute(
            "UPDATE imports SET state = $2, encoding = $3, sha256 = $4, error = $5, finished_at = $6, format = $7,"
            " line_ends = $8, delimiter = $9, sheet = $10, notes = $11 WHERE import_id = $1",
            self._import_id,
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


async def get_import(tx: Tx, call: Call, request: pb.GetImportRequest) -> pb.ImportReport:
    call.require(*WORKING)
    return await _report(tx, request.import_id)


async def list_import_rows(tx: Tx, call: Call, request: pb.ListImportRowsRequest) -> pb.ListImportRowsReply:
    """The rejected rows, in the order of the file."""
    call.require(*WORKING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, int)
    await _report(tx, request.import_id)
    rows = await _rejects(tx, request.import_id, after[0] if after else -1, limit)
    cursor = encode_cursor(rows[-1]["n"]) if len(rows) == limit else ""
    return pb.ListImportRowsReply(rows=[to_message(pb.ImportRow, row) for row in rows], next_cursor=cursor)


async def list_import_changes(tx: Tx, call: Call, request: pb.ListImportChangesRequest) -> pb.ListImportChangesReply:
    """What the file says anew about complaints that were there already, in the order of the file."""
    call.require(*WORKING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, int)
    await _report(tx, request.import_id)
    rows = await _changes(tx, request.import_id, after[0] if after else -1, limit)
    cursor = encode_cursor(rows[-1]["n"]) if len(rows) == limit else ""
    return pb.ListImportChangesReply(changes=[to_message(pb.ImportChange, row) for row in rows], next_cursor=cursor)


async def _report(tx: Tx, import_id: str) -> pb.ImportReport:
    row = is_id(import_id) and await tx.fetchrow("SELECT * FROM imports WHERE import_id = $1", import_id)
    if not row:
        raise NotFound("there is no such import")
    rejects = await _rejects(tx, import_id, -1, FIRST)
    first_changes = await _changes(tx, import_id, -1, FIRST)
    return to_message(pb.ImportReport, dict(row) | {"first_rejects": rejects, "first_changes": first_changes})


async def _rejects(tx: Tx, import_id: str, after: int, limit: int) -> list[Any]:
    return await tx.fetch(
        'SELECT n, line, "column", reason FROM import_rows WHERE import_id = $1 AND n > $2 ORDER BY n LIMIT $3',
        import_id,
        after,
        limit,
    )


async def _changes(tx: Tx, import_id: str, after: int, limit: int) -> list[Any]:
    rows = await tx.fetch(
        "SELECT n.*, p.sealed_key FROM import_changes n LEFT JOIN persons p USING (person_id)"
        " WHERE n.import_id = $1 AND n.n > $2 ORDER BY n.n LIMIT $3",
        import_id,
        after,
        limit,
    )
    return [
        dict(row) | notes.texts_of(tx.sealer, row, notes.change_place(import_id, row["n"]), ("was", "now"))
        for row in rows
    ]
