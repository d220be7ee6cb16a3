"""One file, as it arrives, into the object store: hashed, sniffed, scanned and sealed on its way."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from chassis import logs
from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, RedressError
from chassis.ids import new_id
from chassis.sealing import Key
from intake.adapters import attachments
from intake.adapters.objects import Objects
from intake.adapters.scanner import CLEAN, NOT_SCANNED, Scan, Scanner
from intake.adapters.sniffing import SNIFFED, content_type
from intake.app.attachments.shown import key_of, shown
from intake.app.load import WORKING, found
from intake.app.whole import opening, whole_chunks
from intake.domain.attachments.frames import Seal, Sealing
from intake.domain.attachments.rules import Limits, check_beginning, check_note, clean_name
from intake.domain.attachments.shape import Named, about_name, object_name
from redress.intake.v1 import attachments_pb2 as pb

ADDING = (*WORKING, "channel")
_LOG = logs.get("attachments")


@dataclass
class _Arriving:
    """What is learned of a file while it passes."""

    attachment_id: str
    sealing: Sealing
    limits: Limits
    digest: "hashlib._Hash" = field(default_factory=hashlib.sha256)
    head: bytearray = field(default_factory=bytearray)
    size: int = 0

    async def through(self, chunks: AsyncIterator[bytes], scan: Scan) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            self.size += len(chunk)
            self.limits.check_size(self.size)
            if len(self.head) < SNIFFED:
                self.head += chunk[: SNIFFED - len(self.head)]
                check_beginning(bytes(self.head))
            self.digest.update(chunk)
            await scan.take(chunk)
            if sealed := self.sealing.take(chunk):
                yield sealed
        check_beginning(bytes(self.head))
        yield self.sealing.end()


class AddAttachment:
    def __init__(self, db: Database, objects: Objects | None, scanner: Scanner, limits: Limits) -> None:
        self._db = db
        self._objects = objects
        self._scanner = scanner
        self._limits = limits

    async def __call__(self, call: Call, parts: AsyncIterator[pb.AddAttachmentRequest]) -> pb.Attachment:
        """Kept, or answered with the one that has these bytes already. Raises Invalid for a program, for nothing and
        for too much, Conflict without a store, Unavailable when store or scanner do not answer; then nothing is kept.
        """
        call.require(*ADDING)
        objects = self._store()
        header = (await opening(parts)).header
        named = Named(clean_name(header.name), check_note(header.note))
        attachment_id = new_id()
        async with self._db.tx() as tx:
            complaint_id, key = await self._begun(tx, call, header.complaint_id, attachment_id)
        arriving = _Arriving(attachment_id, Sealing(attachment_id, _sealed_by(key)), self._limits)
        try:
            async with self._scanner.scan() as scan:
                await objects.put(object_name(attachment_id), arriving.through(whole_chunks(parts), scan))
                verdict = await scan.verdict()
            async with self._db.tx() as tx:
                return await self._settled(tx, call, complaint_id, arriving, named, key, verdict)
        except RedressError:
            await self._forgotten(objects, attachment_id)
            raise

    def _store(self) -> Objects:
        if self._objects is None:
            raise Conflict("no_object_store", "no object store is set up here: files cannot be attached")
        return self._objects

    async def _begun(self, tx: Tx, call: Call, name: str, attachment_id: str) -> tuple[str, Key]:
        row = await found(tx, call, name)
        complaint_id = str(row["complaint_id"])
        self._limits.check_count(await attachments.count(tx, complaint_id))
        key = await key_of(tx, complaint_id)
        if key is None:
            raise Conflict("erased", "the complainant was erased: nothing can be added about them")
        await attachments.begin(tx, attachment_id, complaint_id, call.actor)
        return complaint_id, key

    async def _settled(
        self, tx: Tx, call: Call, complaint_id: str, arriving: _Arriving, named: Named, key: Key, verdict: str
    ) -> pb.Attachment:
        attachment_id, digest = arriving.attachment_id, arriving.digest.hexdigest()
        await tx.fetchval("SELECT 1 FROM complaints WHERE complaint_id = $1 FOR UPDATE", complaint_id)
        known = await attachments.same(tx, complaint_id, digest)
        state = "kept" if verdict in (CLEAN, NOT_SCANNED) else "infected"
        facts = {
            "name_sealed": key.seal(named.packed(), about=about_name(attachment_id)),
            "content_type": content_type(bytes(arriving.head)),
            "size": arriving.size,
            "sha256": digest,
            "state": "removed" if known is not None else state,
            "scan": verdict,
        }
        await attachments.settle(tx, attachment_id, facts)
        if known is not None:
            return shown(known, key, existing=True)
        _audit(tx, call, complaint_id, attachment_id, facts)
        row = await attachments.one(tx, attachment_id)
        assert row is not None
        return shown(row, key)

    async def _forgotten(self, objects: Objects, attachment_id: str) -> None:
        """At once where that is possible; the sweep comes for the rest."""
        try:
            await objects.delete(object_name(attachment_id))
            async with self._db.tx() as tx:
                await attachments.forget(tx, attachment_id)
        except RedressError as error:
            _LOG.info("an unfinished file is left to the sweep", error=error.slug)


def _sealed_by(key: Key) -> Seal:
    return lambda plain, about: key.seal(plain, about=about)


def _audit(tx: Tx, call: Call, complaint_id: str, attachment_id: str, facts: dict[str, object]) -> None:
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=complaint_id,
        action="file attached" if facts["state"] == "kept" else "infected file refused",
        call=call,
        changes={
            "attachment_id": [None, attachment_id],
            "sha256": [None, facts["sha256"]],
            "size": [None, facts["size"]],
            "content_type": [None, facts["content_type"]],
            "scan": [None, facts["scan"]],
        },
    )
