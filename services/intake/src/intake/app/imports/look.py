"""Looking at imports: one report, its rejected rows, what it would change, and all of them."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import notes
from intake.app.load import WORKING, is_id
from redress.intake.v1 import imports_pb2 as more
from redress.intake.v1 import intake_pb2 as pb

FIRST = 20
STATES = ("waiting", "running", "done", "failed", "stopped")


async def list_imports(tx: Tx, call: Call, request: more.ListImportsRequest) -> more.ListImportsReply:
    """Newest first, also those that are under way."""
    call.require(*WORKING)
    if request.HasField("state") and request.state not in STATES:
        raise Invalid("an unknown state", [FieldError("state", f"must be one of {', '.join(STATES)}")])
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, datetime, UUID)
    rows = await tx.fetch(
        "SELECT * FROM imports WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::timestamptz IS NULL OR (started_at, import_id) < ($2, $3::uuid))"
        " ORDER BY started_at DESC, import_id DESC LIMIT $4",
        request.state if request.HasField("state") else None,
        *(after or (None, None)),
        limit,
    )
    cursor = encode_cursor(rows[-1]["started_at"], rows[-1]["import_id"]) if len(rows) == limit else ""
    return more.ListImportsReply(imports=[to_message(pb.ImportReport, told(row)) for row in rows], next_cursor=cursor)


async def get_import(tx: Tx, call: Call, request: pb.GetImportRequest) -> pb.ImportReport:
    call.require(*WORKING)
    return await report_of(tx, request.import_id)


async def list_import_rows(tx: Tx, call: Call, request: pb.ListImportRowsRequest) -> pb.ListImportRowsReply:
    """The rejected rows, in the order of the file."""
    call.require(*WORKING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, int)
    await report_of(tx, request.import_id)
    rows = await _rejects(tx, request.import_id, after[0] if after else -1, limit)
    cursor = encode_cursor(rows[-1]["n"]) if len(rows) == limit else ""
    return pb.ListImportRowsReply(rows=[to_message(pb.ImportRow, row) for row in rows], next_cursor=cursor)


async def list_import_changes(tx: Tx, call: Call, request: pb.ListImportChangesRequest) -> pb.ListImportChangesReply:
    """What the file says anew about complaints that were there already, in the order of the file."""
    call.require(*WORKING)
    limit, after = limit_of(request.page), decode_cursor(request.page.cursor, int)
    await report_of(tx, request.import_id)
    rows = await _changes(tx, request.import_id, after[0] if after else -1, limit)
    cursor = encode_cursor(rows[-1]["n"]) if len(rows) == limit else ""
    return pb.ListImportChangesReply(changes=[to_message(pb.ImportChange, row) for row in rows], next_cursor=cursor)


async def report_of(tx: Tx, import_id: str) -> pb.ImportReport:
    row = is_id(import_id) and await tx.fetchrow("SELECT * FROM imports WHERE import_id = $1", import_id)
    if not row:
        raise NotFound("there is no such import")
    rejects = await _rejects(tx, import_id, -1, FIRST)
    first_changes = await _changes(tx, import_id, -1, FIRST)
    return to_message(pb.ImportReport, told(row) | {"first_rejects": rejects, "first_changes": first_changes})


def told(row: Any) -> dict[str, Any]:
    """`progress` by bytes: how many rows there are, only the end of the file tells."""
    whole = row["size"] and row["bytes_read"] / row["size"]
    return dict(row) | {"progress": 1.0 if row["state"] == "done" else round(min(whole, 1.0), 4)}


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
