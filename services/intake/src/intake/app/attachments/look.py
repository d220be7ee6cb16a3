"""What is attached to a complaint, and the bytes of one file."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, NotFound
from chassis.sealing import Key
from intake.adapters import attachments
from intake.adapters.objects import Objects
from intake.app.attachments.shown import key_of, shown
from intake.app.load import found, is_id
from intake.domain.attachments.frames import Opening
from intake.domain.attachments.shape import object_name
from redress.intake.v1 import attachments_pb2 as pb


class LookAtAttachments:
    def __init__(self, db: Database, objects: Objects | None) -> None:
        self._db = db
        self._objects = objects

    async def listed(self, tx: Tx, call: Call, request: pb.ListAttachmentsRequest) -> pb.ListAttachmentsReply:
        """Also of files that are removed or infected: that they came stays in the record."""
        complaint = await found(tx, call, request.complaint_id)
        complaint_id = str(complaint["complaint_id"])
        key = await key_of(tx, complaint_id)
        rows = await attachments.of_complaint(tx, complaint_id)
        return pb.ListAttachmentsReply(attachments=[shown(row, key) for row in rows])

    async def one(self, tx: Tx, call: Call, request: pb.GetAttachmentRequest) -> pb.Attachment:
        row, key = await self.visible(tx, call, request.attachment_id)
        return shown(row, key)

    async def read(self, call: Call, request: pb.GetAttachmentRequest) -> AsyncIterator[pb.AttachmentPiece]:
        """First what it is, then its bytes. Raises Conflict for a file that nobody may read any more; Damaged when what
        is stored is not what was sealed, before the last piece is out."""
        async with self._db.tx() as tx:
            row, key = await self.visible(tx, call, request.attachment_id)
            if key is None or row["state"] != "kept" or self._objects is None:
                raise Conflict("not_readable", f"the file is {shown(row, key).state}: its bytes cannot be read")
            _audit_read(tx, call, row)
        yield pb.AttachmentPiece(attachment=shown(row, key))
        async for piece in self._opened(self._objects, str(row["attachment_id"]), key):
            yield pb.AttachmentPiece(chunk=piece)

    async def visible(self, tx: Tx, call: Call, attachment_id: str, *, lock: bool = False) -> tuple[Any, Key | None]:
        """With its complaint's key. Raises NotFound, also for what belongs to a complaint the caller may not see."""
        row = await attachments.one(tx, attachment_id, lock=lock) if is_id(attachment_id) else None
        if row is None:
            raise NotFound("there is no such attachment")
        complaint_id = str(row["complaint_id"])
        await found(tx, call, complaint_id)
        return row, await key_of(tx, complaint_id)

    @staticmethod
    async def _opened(objects: Objects, attachment_id: str, key: Key) -> AsyncIterator[bytes]:
        opening = Opening(attachment_id, lambda sealed, about: key.open(sealed, about=about))
        async for piece in objects.get(object_name(attachment_id)):
            for plain in opening.take(piece):
                yield plain
        yield opening.end()


def _audit_read(tx: Tx, call: Call, row: Any) -> None:
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(row["complaint_id"]),
        action="file read",
        call=call,
        changes={"attachment_id": [None, str(row["attachment_id"])]},
    )
