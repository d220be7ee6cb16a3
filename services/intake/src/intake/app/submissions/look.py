"""Looking at submissions: the list of what came, one of them as a person reads it, its raw bytes."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import personal, submissions
from intake.app.channels.readers import complaint_kept
from intake.app.load import WORKING, is_id
from intake.app.privacy.roles import HOLDING
from intake.app.submissions.read_mail import read_mail
from intake.domain.complaint import CHANNELS
from intake.domain.mail.trimming import trimmed
from intake.domain.submissions.incoming import MAIL_KINDS, STATES
from redress.intake.v1 import intake_pb2 as pb

RAW_READERS = ("customer_service", "quality")
_WORD = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_FACTS = """s.submission_id, s.version, s.channel, s.channel_id, s.kind, s.content_type, s.state, s.reason, s.detail,
 s.complaint_id, s.message_id, s.subject, s.sender_name, s.sender_address, s.sent_at, s.received_at, s.received_by,
 s.size, s.sha256, s.charset, s.defects, s.decided_by, s.decided_at, s.decision_reason, s.language, s.person_id,
 s.sealed, s.external_id, s.source, s.product_family, p.sealed_key,
 coalesce(c.identity_protected, false) AS identity_protected"""
_SELECT = f"""SELECT {_FACTS} FROM submissions s LEFT JOIN persons p ON p.person_id = s.person_id
 LEFT JOIN complaints c ON c.complaint_id = s.complaint_id"""  # noqa: S608 - our own names only

Row = Mapping[str, Any]


async def list_submissions(tx: Tx, call: Call, request: pb.ListSubmissionsRequest) -> pb.ListSubmissionsReply:
    """Newest first."""
    call.require(*WORKING)
    _check(request)
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, datetime, UUID)
    wanted, values = ["TRUE"], []
    for name in ("state", "reason", "complaint_id", "channel", "channel_id"):
        if request.HasField(name):
            values.append(getattr(request, name))
            wanted.append(f"s.{name} = ${len(values)}")
    if after is not None:
        values += after
        wanted.append(f"(s.received_at, s.submission_id) < (${len(values) - 1}, ${len(values)})")
    rows = await tx.fetch(
        f"{_SELECT} WHERE {' AND '.join(wanted)} ORDER BY s.received_at DESC, s.submission_id DESC LIMIT {limit}",
        *values,
    )
    cursor = encode_cursor(rows[-1]["received_at"], str(rows[-1]["submission_id"])) if len(rows) == limit else ""
    shown = [to_message(pb.Submission, _shown(submissions.opened(tx, row))) for row in rows]
    return pb.ListSubmissionsReply(submissions=shown, next_cursor=cursor)


def _check(request: pb.ListSubmissionsRequest) -> None:
    faults = []
    for name, allowed in (("state", STATES), ("channel", CHANNELS)):
        if request.HasField(name) and getattr(request, name) not in allowed:  # type: ignore[arg-type]
            faults.append(FieldError(name, f"must be one of {', '.join(allowed)}"))
    for name in ("reason", "channel_id"):
        if request.HasField(name) and not _WORD.fullmatch(getattr(request, name)):  # type: ignore[arg-type]
            faults.append(FieldError(name, "is no such word"))
    if request.HasField("complaint_id") and not is_id(request.complaint_id):
        faults.append(FieldError("complaint_id", "is not an id"))
    if faults:
        raise Invalid("the filter does not fit", faults)


async def get_submission(tx: Tx, call: Call, request: pb.GetSubmissionRequest) -> pb.Submission:
    call.require(*WORKING)
    return await whole(tx, await found(tx, request.submission_id))


async def read_submission(tx: Tx, call: Call, request: pb.ReadSubmissionRequest) -> pb.SubmissionPiece:
    """A piece of at most PIECE_BYTES from `offset`; who begins to read is written down. What a protected complainant
    sent tells who they are: it is for those who may ask for that."""
    call.require(*RAW_READERS)
    if request.offset < 0:
        raise Invalid("the offset does not fit", [FieldError("offset", "must not be negative")])
    row = await found(tx, request.submission_id)
    if row["identity_protected"]:
        call.require(*HOLDING)
    if request.offset == 0:
        await tx.fetchrow("SELECT 1 FROM submissions WHERE submission_id = $1 FOR UPDATE", row["submission_id"])
        tx.audit(
            aggregate_type="submission",
            aggregate_id=str(row["submission_id"]),
            action="raw mail read",
            call=call,
        )
    piece = await submissions.piece_of(tx, request.submission_id, request.offset)
    if piece is None:
        raise Conflict("erased", "what the person behind this submission sent was erased")
    return pb.SubmissionPiece(piece=piece, size=row["size"], content_type=row["content_type"])


async def found(tx: Tx, submission_id: str, *, lock: bool = False) -> Row:
    """In plain. Raises NotFound."""
    row = is_id(submission_id) and await tx.fetchrow(
        f"{_SELECT} WHERE s.submission_id = $1" + (" FOR UPDATE OF s" if lock else ""), submission_id
    )
    if not row:
        raise NotFound("there is no such submission")
    return submissions.opened(tx, row)


async def held(tx: Tx, submission_id: str, if_version: int) -> Row:
    """Locked until the transaction ends. Raises NotFound, and StaleVersion unless it stands at `if_version`."""
    row = await found(tx, submission_id, lock=True)
    if if_version and row["version"] != if_version:
        raise StaleVersion(f"the submission stands at version {row['version']}")
    return row


async def whole(tx: Tx, row: Row) -> pb.Submission:
    """With its attachments, what it became, and its text read anew from the bytes: it is kept nowhere else."""
    text = await text_of(tx, row)
    more = {
        "attachments": await submissions.attachments_of(tx, dict(row)),
        "complaints": await _complaints(tx, row["submission_id"]),
        "text": text,
        "new_text": trimmed(text) if row["kind"] in MAIL_KINDS else text,
    }
    return to_message(pb.Submission, _shown(dict(row)) | more)


async def text_of(tx: Tx, row: Row) -> str:
    """What a person reads in it; of what has no words, the message as the vendor wrote it."""
    raw = await submissions.raw_of(tx, str(row["submission_id"]))
    if raw is None:
        return personal.ERASED
    if row["kind"] in MAIL_KINDS:
        return (await read_mail(raw)).text
    told = await complaint_kept(tx, row, raw)
    if told is not None and told.description:
        return told.description
    return raw[:20_000].decode("utf-8", "replace").replace("\x00", "")


async def _complaints(tx: Tx, submission_id: object) -> list[Row]:
    rows = await tx.fetch(
        "SELECT l.*, c.number FROM submission_complaints l JOIN complaints c USING (complaint_id)"
        " WHERE l.submission_id = $1 ORDER BY l.at, c.number",
        submission_id,
    )
    return [dict(row) for row in rows]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """Without who it is, where the identity of the complainant is protected."""
    if row["identity_protected"] and row["sender_address"] != personal.ERASED:
        return row | {"sender_name": personal.PROTECTED, "sender_address": personal.PROTECTED}
    return row
