"""Looking at submissions: the list of what was parked, one of them as a person reads it, its raw bytes."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound, StaleVersion
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import submissions
from intake.app.load import WORKING, is_id
from intake.app.submissions.read_mail import read_mail
from intake.domain.mail.verdict import REASONS
from redress.intake.v1 import intake_pb2 as pb

RAW_READERS = ("customer_service", "quality")
STATES = ("registered", "parked", "rejected")
_FACTS = """submission_id, version, channel, state, reason, detail, complaint_id, message_id, subject, sender_name,
 sender_address, sent_at, received_at, received_by, size, sha256, charset, defects, decided_by, decision_reason,
 language"""

Row = Mapping[str, Any]


async def list_submissions(tx: Tx, call: Call, request: pb.ListSubmissionsRequest) -> pb.ListSubmissionsReply:
    """Newest first."""
    call.require(*WORKING)
    _check(request)
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, datetime, UUID)
    wanted, values = ["TRUE"], []
    for name in ("state", "reason", "complaint_id"):
        if request.HasField(name):
            values.append(getattr(request, name))
            wanted.append(f"{name} = ${len(values)}")
    if after is not None:
        values += after
        wanted.append(f"(received_at, submission_id) < (${len(values) - 1}, ${len(values)})")
    rows = await tx.fetch(
        f"SELECT {_FACTS} FROM submissions WHERE {' AND '.join(wanted)}"  # noqa: S608 - our own names only
        f" ORDER BY received_at DESC, submission_id DESC LIMIT {limit}",
        *values,
    )
    cursor = encode_cursor(rows[-1]["received_at"], str(rows[-1]["submission_id"])) if len(rows) == limit else ""
    return pb.ListSubmissionsReply(submissions=[to_message(pb.Submission, row) for row in rows], next_cursor=cursor)


def _check(request: pb.ListSubmissionsRequest) -> None:
    faults = []
    for name, allowed in (("state", STATES), ("reason", REASONS)):
        if request.HasField(name) and getattr(request, name) not in allowed:  # type: ignore[arg-type]
            faults.append(FieldError(name, f"must be one of {', '.join(allowed)}"))
    if request.HasField("complaint_id") and not is_id(request.complaint_id):
        faults.append(FieldError("complaint_id", "is not an id"))
    if faults:
        raise Invalid("the filter does not fit", faults)


async def get_submission(tx: Tx, call: Call, request: pb.GetSubmissionRequest) -> pb.Submission:
    call.require(*WORKING)
    return await whole(tx, await found(tx, request.submission_id))


async def read_submission(tx: Tx, call: Call, request: pb.ReadSubmissionRequest) -> pb.SubmissionPiece:
    """A piece of at most PIECE_BYTES from `offset`; who begins to read is written down."""
    call.require(*RAW_READERS)
    if request.offset < 0:
        raise Invalid("the offset does not fit", [FieldError("offset", "must not be negative")])
    row = await found(tx, request.submission_id)
    if request.offset == 0:
        await tx.fetchrow("SELECT 1 FROM submissions WHERE submission_id = $1 FOR UPDATE", row["submission_id"])
        tx.audit(
            aggregate_type="submission",
            aggregate_id=str(row["submission_id"]),
            action="raw mail read",
            call=call,
        )
    return pb.SubmissionPiece(
        piece=await submissions.piece_of(tx, request.submission_id, request.offset), size=row["size"]
    )


async def found(tx: Tx, submission_id: str, *, lock: bool = False) -> Row:
    """Raises NotFound."""
    row = is_id(submission_id) and await tx.fetchrow(
        f"SELECT {_FACTS}, external_id, product_family FROM submissions WHERE submission_id = $1"  # noqa: S608
        + (" FOR UPDATE" if lock else ""),
        submission_id,
    )
    if not row:
        raise NotFound("there is no such submission")
    return dict(row)


async def held(tx: Tx, submission_id: str, if_version: int) -> Row:
    """Locked until the transaction ends. Raises NotFound, and StaleVersion unless it stands at `if_version`."""
    row = await found(tx, submission_id, lock=True)
    if if_version and row["version"] != if_version:
        raise StaleVersion(f"the submission stands at version {row['version']}")
    return row


async def whole(tx: Tx, row: Row) -> pb.Submission:
    """With its attachments, and its text read anew from the bytes: it is kept nowhere else."""
    attachments = await tx.fetch(
        "SELECT name, content_type, size, sha256 FROM submission_attachments WHERE submission_id = $1 ORDER BY n",
        row["submission_id"],
    )
    mail = await read_mail(await submissions.raw_of(tx, str(row["submission_id"])))
    return to_message(pb.Submission, dict(row) | {"attachments": attachments, "text": mail.text})
