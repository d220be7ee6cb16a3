"""A person decides what a submission is: one or several complaints, part of a known one, told before, or neither."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, IllegalTransition, Invalid
from intake.adapters import submissions
from intake.app.contact import MAX_NOTE, record_contact
from intake.app.load import WORKING, found
from intake.app.submissions.look import Row, held, text_of, whole
from intake.app.submissions.look import found as found_submission
from intake.domain.mail.trimming import trimmed
from intake.domain.submissions.incoming import MAIL_KINDS, Link, State
from redress.intake.v1 import intake_pb2 as pb

MAX_REASON = 1000


async def attach(tx: Tx, call: Call, request: pb.AttachSubmissionRequest) -> pb.Submission:
    """Kept as a contact of the customer about a known complaint; the recognised one unless another is named."""
    call.require(*WORKING)
    row = await parked(tx, request.submission_id, request.if_version)
    complaint_id = await _as_contact(tx, call, row, _named(row, request))
    return await decided(tx, call, row, "registered", "", (complaint_id,), link="attached")


async def merge(tx: Tx, call: Call, request: pb.MergeSubmissionRequest) -> pb.Submission:
    """The same occurrence reported again: it counts as a contact of the complaint, not as a complaint (DOMAIN §3)."""
    call.require(*WORKING)
    row = await parked(tx, request.submission_id, request.if_version)
    reason = reason_of(request.reason)
    complaint_id = await _as_contact(tx, call, row, _named(row, request))
    return await decided(tx, call, row, "merged", reason, (complaint_id,), link="merged")


async def reject(tx: Tx, call: Call, request: pb.RejectSubmissionRequest) -> pb.Submission:
    """It stays as it came; only nobody needs to look at it any more."""
    call.require(*WORKING)
    row = await parked(tx, request.submission_id, request.if_version)
    reason = reason_of(request.reason)
    if not reason:
        raise Invalid("a rejection needs a reason", [FieldError("reason", "is required")])
    return await decided(tx, call, row, "rejected", reason, ())


async def parked(tx: Tx, submission_id: str, if_version: int) -> Row:
    row = await held(tx, submission_id, if_version)
    if row["state"] != "parked":
        raise IllegalTransition(f"the submission is {row['state']}; only a parked one can be decided upon")
    return row


def reason_of(text: str) -> str:
    """Raises Invalid."""
    reason = text.strip()
    if len(reason) > MAX_REASON or "\x00" in reason:
        raise Invalid("the reason does not fit", [FieldError("reason", f"at most {MAX_REASON} characters, no NUL")])
    return reason


def _named(row: Row, request: pb.AttachSubmissionRequest | pb.MergeSubmissionRequest) -> str:
    named = request.complaint_id if request.HasField("complaint_id") else str(row["complaint_id"] or "")
    if not named:
        raise Invalid("no complaint is named", [FieldError("complaint_id", "is required: none was recognised")])
    return named


async def _as_contact(tx: Tx, call: Call, row: Row, named: str) -> str:
    complaint = await found(tx, call, named)
    request = pb.RecordContactRequest(
        complaint_id=str(complaint["complaint_id"]), channel=row["channel"], note=await _note(tx, row)
    )
    request.at.FromDatetime(row["received_at"])
    return (await record_contact(tx, call, request)).complaint_id


async def _note(tx: Tx, row: Row) -> str:
    text = await text_of(tx, row)
    if row["kind"] in MAIL_KINDS:
        text = trimmed(text) or text
    return f"{row['subject']}\n\n{text}".strip()[:MAX_NOTE]


async def decided(
    tx: Tx,
    call: Call,
    row: Row,
    state: State,
    reason: str,
    complaint_ids: tuple[str, ...],
    *,
    link: Link = "promoted",
) -> pb.Submission:
    """With `complaint_ids` it is linked to them; a rejected one keeps the complaint that it seemed to be about."""
    submission_id, before = str(row["submission_id"]), str(row["complaint_id"]) if row["complaint_id"] else None
    first = before if row["state"] == "registered" or not complaint_ids else complaint_ids[0]
    await submissions.decide(tx, submission_id, submissions.Decision(state, call.actor, reason, first))
    if complaint_ids:
        await submissions.link(tx, submission_id, complaint_ids, link, call.actor)
    tx.audit(
        aggregate_type="submission",
        aggregate_id=submission_id,
        action=link if complaint_ids else state,
        call=call,
        changes={"state": [row["state"], state], "complaint_id": [before, first], "became": [[], list(complaint_ids)]},
        reason=reason,
    )
    return await whole(tx, await found_submission(tx, submission_id))
