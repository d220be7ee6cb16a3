"""An attachment as the API shows it."""

from typing import Any

from chassis.db import Tx
from chassis.errors import Unavailable
from chassis.messages import to_message
from chassis.sealing import CannotOpen, Key
from intake.adapters.persons import owners_of
from intake.domain.attachments.shape import Named, about_name
from redress.intake.v1 import attachments_pb2 as pb

_AS_IS = ("content_type", "size", "sha256", "state", "scan", "added_by", "added_at", "removed_reason")


async def key_of(tx: Tx, complaint_id: str) -> Key | None:
    """Of the complaint's person; None once they are erased. Raises Unavailable for a row of before there were keys."""
    owners = await owners_of(tx, [complaint_id])
    if complaint_id not in owners:
        raise Unavailable("the complaint is still being sealed", retry_after=30)
    found = owners[complaint_id]
    return found.key if found is not None else None


def shown(row: Any, key: Key | None, *, existing: bool = False) -> pb.Attachment:
    """Without a key, the person was erased: the file's facts remain, its name does not."""
    named = named_of(row, key)
    state = "erased" if key is None and row["state"] == "kept" else row["state"]
    values = {name: row[name] for name in _AS_IS} | {
        "attachment_id": str(row["attachment_id"]),
        "complaint_id": str(row["complaint_id"]),
        "name": named.name,
        "note": named.note,
        "state": state,
        "existing": existing,
    }
    return to_message(pb.Attachment, values)


def named_of(row: Any, key: Key | None) -> Named:
    if key is None or row["name_sealed"] is None:
        return Named("", "")
    try:
        return Named.unpacked(key.open(bytes(row["name_sealed"]), about=about_name(str(row["attachment_id"]))))
    except CannotOpen:
        return Named("", "")
