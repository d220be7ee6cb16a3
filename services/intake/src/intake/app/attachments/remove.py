"""A file is taken away: its bytes go, that it was there stays, with the reason."""

from datetime import timedelta

from chassis import logs
from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import FieldError, IllegalTransition, Invalid
from intake.adapters import attachments
from intake.adapters.objects import Objects
from intake.app.attachments.look import LookAtAttachments
from intake.app.attachments.shown import shown
from intake.app.load import WORKING
from intake.domain.attachments.shape import object_name
from redress.intake.v1 import attachments_pb2 as pb

PATIENCE = timedelta(hours=24)
"""How long a file may take to come in before the sweep takes it for given up."""
MAX_REASON = 2_000
_BITE = 100
_LOG = logs.get("attachments")


class RemoveAttachment:
    def __init__(self, look: LookAtAttachments) -> None:
        self._look = look

    async def __call__(self, tx: Tx, call: Call, request: pb.RemoveAttachmentRequest) -> pb.Attachment:
        call.require(*WORKING)
        reason = request.reason.strip()
        if not reason or len(reason) > MAX_REASON:
            raise Invalid("the reason is missing", [FieldError("reason", f"1 to {MAX_REASON} characters")])
        row, key = await self._look.visible(tx, call, request.attachment_id, lock=True)
        if row["state"] not in ("kept", "infected"):
            raise IllegalTransition(f"the file is {row['state']} already")
        attachment_id = str(row["attachment_id"])
        await attachments.remove(tx, attachment_id, reason)
        tx.audit(
            aggregate_type="complaint",
            aggregate_id=str(row["complaint_id"]),
            action="file removed",
            call=call,
            changes={"attachment_id": [attachment_id, None], "sha256": [row["sha256"], None]},
            reason=reason,
        )
        removed = await attachments.one(tx, attachment_id)
        assert removed is not None
        return shown(removed, key)


class Sweep:
    """Deletes objects that nobody may read any more. Deleting twice does no harm, so that a lease is all it needs."""

    def __init__(self, db: Database, objects: Objects) -> None:
        self._db = db
        self._objects = objects

    async def __call__(self) -> None:
        while found := await self._bite():
            _LOG.info("objects without use are deleted", objects=found)

    async def _bite(self) -> int:
        async with self._db.read() as tx:
            ids = await attachments.without_use(tx, PATIENCE, _BITE)
        for attachment_id in ids:
            await self._objects.delete(object_name(attachment_id))
            async with self._db.tx() as tx:
                await attachments.object_gone(tx, attachment_id)
        return len(ids)
