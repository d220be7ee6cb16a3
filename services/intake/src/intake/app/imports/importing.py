"""One file to complaints: registered in groups, its report kept as it goes on."""

import json
from collections.abc import AsyncIterator
from contextlib import aclosing
from typing import Any

from chassis.call import Call
from chassis.db import Database
from chassis.errors import FieldError, Invalid, RedressError
from intake.app.group import TRUSTED_WITH_HISTORY, Item
from intake.app.imports.ahead import ahead
from intake.app.imports.changes import Known
from intake.app.imports.mappings import saved_document
from intake.app.imports.once import FileHash, first_report
from intake.app.imports.reading import Batch, Reading, reject
from intake.app.imports.report import Begun, Report
from intake.app.register import Register
from intake.app.whole import opening, whole_chunks
from intake.domain.complaint import Submission
from intake.domain.files.records import Record
from redress.intake.v1 import intake_pb2 as pb

MAX_NAME = 255


class ImportFile:
    def __init__(self, db: Database, register: Register) -> None:
        self._db = db
        self._register = register

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ImportFileRequest]) -> pb.ImportReport:
        """Good rows are registered, bad ones reported with line, column and reason. Raises Invalid, with nothing
        written, when the mapping does not fit the file; a file that breaks off keeps what was registered.
        """
        call.require(*TRUSTED_WITH_HISTORY)
        header = (await opening(parts)).header
        document = await document_of(self._db, header)
        known = await first_report(self._db, call, header, parts)
        if known is not None:
            return known
        file_hash = FileHash(header)
        report = Report(self._db, call, begun_of(header, document))
        run = Run(self._register, call, document, begun_of(header, document), report)
        try:
            await run.through(_hashed(file_hash, parts))
        except BaseException as error:
            await report.failed(error, run.facts, file_hash.sha256)
            raise
        return await report.done(run.facts, file_hash.sha256, file_hash.body)


class Run:
    """The rows of one file, from wherever it comes, from the row where it was left."""

    def __init__(self, register: Register, call: Call, document: Any, begun: Begun, report: Report) -> None:
        self._register = register.tried if begun.dry_run else register
        self._call = call
        self._reading = Reading(document, historical=begun.historical, sheet=begun.sheet)
        self._report = report

    @property
    def facts(self) -> Any:
        return self._reading.facts

    async def through(self, chunks: AsyncIterator[bytes], skip: int = 0) -> None:
        async with aclosing(ahead(self._reading.batches(chunks, skip))) as batches:
            await anext(batches)
            await self._report.begin()
            async for batch in batches:
                await self._flush(batch)

    async def _flush(self, batch: Batch) -> None:
        items = [Item.without_key(self._call, given) for given in batch.submissions]
        outcomes = await self._register(items) if items else []
        rejects, known = batch.rejects, []
        for row, given, outcome in zip(batch.rows, batch.submissions, outcomes, strict=True):
            if isinstance(outcome, RedressError):
                rejects.append(reject(self._reading.mapping, row.line, outcome))
            else:
                known.append(self._known(row, given, outcome))
        await self._report.add(self._reading.mapping, known, sorted(rejects), batch.bytes_read)

    def _known(self, row: Record, given: Submission, outcome: pb.Registered) -> Known:
        """What this import registered before it was interrupted, and could not count any more, is no old complaint."""
        existing = outcome.existing and not self._report.registered_it(outcome)
        return Known(row, given, outcome.complaint_id, existing, outcome.grade, outcome.proposals)


def begun_of(header: pb.ImportHeader, document: Any) -> Begun:
    return Begun(
        file_name=header.file_name[:MAX_NAME],
        document=document,
        historical=header.historical,
        dry_run=header.dry_run,
        sheet=header.sheet if header.HasField("sheet") else None,
    )


async def _hashed(file_hash: FileHash, parts: AsyncIterator[pb.ImportFileRequest]) -> AsyncIterator[bytes]:
    async for chunk in whole_chunks(parts):
        file_hash.update(chunk)
        yield chunk


async def document_of(db: Database, header: pb.ImportHeader) -> Any:
    """The mapping that came with the file, or the saved one that it names. Raises Invalid, NotFound."""
    if header.mapping and header.mapping_name:
        raise Invalid("there are two mappings", [FieldError("mapping_name", "give it or mapping, not both")])
    if header.mapping_name:
        return await saved_document(db, header.mapping_name)
    try:
        return json.loads(header.mapping)
    except (ValueError, RecursionError) as error:
        raise Invalid("the mapping cannot be read", [FieldError("mapping", "is not JSON")]) from error
