"""A file taken in whole and sealed, to be read in the background: it outlives whoever sent it, and a restart."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, IllegalTransition, NotFound, RedressError
from chassis.ids import new_id
from intake.adapters.objects import Objects
from intake.app.group import TRUSTED_WITH_HISTORY
from intake.app.imports.importing import begun_of, document_of
from intake.app.imports.look import report_of
from intake.app.imports.once import FileHash, first_report, keep_report
from intake.app.imports.report import insert
from intake.app.load import is_id
from intake.app.whole import opening, whole_chunks
from intake.domain.attachments.frames import Opening, Sealing
from redress.intake.v1 import imports_pb2 as more
from redress.intake.v1 import intake_pb2 as pb

FOLDER = "imports"


def object_name(import_id: str) -> str:
    return f"{FOLDER}/{import_id}"


class StoreFile:
    def __init__(self, db: Database, objects: Objects | None) -> None:
        self._db = db
        self._objects = objects

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ImportFileRequest]) -> pb.ImportReport:
        """The report of an import that waits. Raises Conflict without an object store, Invalid for a broken stream;
        then nothing is kept. Whether the mapping fits, reading will tell.
        """
        call.require(*TRUSTED_WITH_HISTORY)
        if self._objects is None:
            raise Conflict("no_object_store", "no object store is set up here: import without `background`")
        header = (await opening(parts)).header
        document = await document_of(self._db, header)
        if (known := await first_report(self._db, call, header, parts)) is not None:
            async with self._db.read() as tx:
                return await report_of(tx, known.import_id)
        import_id, file_hash = new_id(), FileHash(header)
        stored = _Stored(self._db, import_id, file_hash)
        try:
            await self._objects.put(object_name(import_id), stored.through(whole_chunks(parts)))
            async with self._db.tx() as tx:
                await insert(tx, call, import_id, begun_of(header, document), "waiting")
                await tx.execute(
                    "UPDATE imports SET background = true, stored = true, size = $2, sha256 = $3 WHERE import_id = $1",
                    import_id,
                    stored.size,
                    file_hash.sha256,
                )
                report = await report_of(tx, import_id)
                await keep_report(tx, call, file_hash.body, report)
            return report
        except RedressError:
            await self._objects.delete(object_name(import_id))
            raise


class _Stored:
    def __init__(self, db: Database, import_id: str, file_hash: FileHash) -> None:
        sealer = db.sealer
        assert sealer is not None, "intake seals"
        self._sealing = Sealing(import_id, lambda plain, about: sealer.seal(plain, about=about))
        self._hash = file_hash
        self.size = 0

    async def through(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self._hash.update(chunk)
            self.size += len(chunk)
            if sealed := self._sealing.take(chunk):
                yield sealed
        yield self._sealing.end()


async def opened(db: Database, objects: Objects, import_id: str) -> AsyncIterator[bytes]:
    """Raises NotFound, Damaged, CannotOpen, Unavailable."""
    sealer = db.sealer
    assert sealer is not None, "intake seals"
    opening = Opening(import_id, lambda sealed, about: sealer.open(sealed, about=about))
    async for piece in objects.get(object_name(import_id)):
        for plain in opening.take(piece):
            yield plain
    yield opening.end()


async def resume_import(tx: Tx, call: Call, request: more.ResumeImportRequest) -> pb.ImportReport:
    """A failed or stopped import goes on with the row where it was left. Raises Conflict when its file is gone."""
    row = await _held(tx, call, request.import_id)
    if row["state"] not in ("failed", "stopped"):
        raise IllegalTransition(f"an import that is {row['state']} cannot be resumed")
    if not row["stored"]:
        raise Conflict("file_gone", "its file is not kept any more: send it again, known rows are not doubled")
    return await _moved(tx, call, row, "waiting")


async def stop_import(tx: Tx, call: Call, request: more.StopImportRequest) -> pb.ImportReport:
    row = await _held(tx, call, request.import_id)
    if row["state"] not in ("waiting", "running"):
        raise IllegalTransition(f"an import that is {row['state']} cannot be stopped")
    return await _moved(tx, call, row, "stopped")


async def _held(tx: Tx, call: Call, import_id: str) -> Any:
    call.require(*TRUSTED_WITH_HISTORY)
    row = is_id(import_id) and await tx.fetchrow("SELECT * FROM imports WHERE import_id = $1 FOR UPDATE", import_id)
    if not row:
        raise NotFound("there is no such import")
    return row


async def _moved(tx: Tx, call: Call, row: Any, state: str) -> pb.ImportReport:
    import_id = str(row["import_id"])
    await tx.execute("UPDATE imports SET state = $2, error = '' WHERE import_id = $1", import_id, state)
    changes = {"state": [row["state"], state]}
    tx.audit(aggregate_type="import", aggregate_id=import_id, action=f"import {state}", call=call, changes=changes)
    return await report_of(tx, import_id)
