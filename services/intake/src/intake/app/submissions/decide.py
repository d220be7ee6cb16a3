"""A person decides what a parked submission is: a complaint after all, part of a known one, or neither."""

from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, IllegalTransition, Invalid, RedressError
from intake.adapters import submissions
from intake.app.contact import MAX_NOTE, record_contact
from intake.app.grading_tables import Registrars
from intake.app.group import Group, Item
from intake.app.load import WORKING, found
from intake.app.submissions.look import Row, held, whole
from intake.app.submissions.look import found as found_submission
from intake.app.submissions.read_mail import read_mail
from intake.domain.complaint import Submission
from intake.domain.mail.complaint import complaint_of, corrected
from redress.intake.v1 import intake_pb2 as pb

MAX_REASON = 1000
_CORRECTIONS = ("customer_name", "customer_email", "customer_phone", "product_family", "language")


class Promote:
    def __init__(self, registrars: Registrars) -> None:
        self._registrars = registrars

    async def __call__(self, tx: Tx, call: Call, request: pb.PromoteSubmissionRequest) -> pb.Submission:
        """Registered like any complaint, graded and matched. Raises Invalid naming what is still missing."""
        call.require(*WORKING)
        row = await _parked(tx, request.submission_id, request.if_version)
        reason = _reason(request.reason)
        given = await _corrected(tx, row, request)
        group = Group(tx, [Item.without_key(call, given)], await self._registrars(tx))
        outcome = (await group.registered())[0]
        if isinstance(outcome, RedressError):
            raise outcome
        return await _decide(tx, call, row, "registered", reason, outcome.complaint_id, action="promoted")


async def attach(tx: Tx, call: Call, request: pb.AttachSubmissionRequest) -> pb.Submission:
    """Kept as a contact of the customer about a known complaint; the recognised one unless another is named."""
    call.require(*WORKING)
    row = await _parked(tx, request.submission_id, request.if_version)
    named = request.complaint_id if request.HasField("complaint_id") else str(row["complaint_id"] or "")
    if not named:
        raise Invalid("no complaint is named", [FieldError("complaint_id", "is required: none was recognised")])
    complaint = await found(tx, call, named)
    note = await _note(tx, row)
    contact = await record_contact(
        tx, call, pb.RecordContactRequest(complaint_id=str(complaint["complaint_id"]), channel="mail", note=note)
    )
    return await _decide(tx, call, row, "registered", "", contact.complaint_id, action="attached")


async def reject(tx: Tx, call: Call, request: pb.RejectSubmissionRequest) -> pb.Submission:
    """It stays as it came; only nobody needs to look at it any more."""
    call.require(*WORKING)
    row = await _parked(tx, request.submission_id, request.if_version)
    reason = _reason(request.reason)
    if not reason:
        raise Invalid("a rejection needs a reason", [FieldError("reason", "is required")])
    complaint_id = str(row["complaint_id"]) if row["complaint_id"] else None
    return await _decide(tx, call, row, "rejected", reason, complaint_id, action="rejected")


async def _parked(tx: Tx, submission_id: str, if_version: int) -> Row:
    row = await held(tx, submission_id, if_version)
    if row["state"] != "parked":
        raise IllegalTransition(f"the submission is {row['state']}; only a parked one can be decided upon")
    return row


def _reason(text: str) -> str:
    reason = text.strip()
    if len(reason) > MAX_REASON or "\x00" in reason:
        raise Invalid("the reason does not fit", [FieldError("reason", f"at most {MAX_REASON} characters, no NUL")])
    return reason


async def _corrected(tx: Tx, row: Row, request: pb.PromoteSubmissionRequest) -> Submission:
    mail = await read_mail(await submissions.raw_of(tx, str(row["submission_id"])))
    given = complaint_of(mail, external_id=row["external_id"], product_family=row["product_family"])
    said: dict[str, Any] = {
        name: getattr(request, name)
        for name in _CORRECTIONS
        if request.HasField(name)  # type: ignore[arg-type]
    }
    return corrected(given, **said, description=request.text if request.HasField("text") else None)


async def _note(tx: Tx, row: Row) -> str:
    mail = await read_mail(await submissions.raw_of(tx, str(row["submission_id"])))
    return f"{mail.subject}\n\n{mail.text}".strip()[:MAX_NOTE]


async def _decide(
    tx: Tx, call: Call, row: Row, state: str, reason: str, complaint_id: str | None, *, action: str
) -> pb.Submission:
    submission_id = str(row["submission_id"])
    await submissions.decide(tx, submission_id, submissions.Decision(state, call.actor, reason, complaint_id))
    before = str(row["complaint_id"]) if row["complaint_id"] else None
    tx.audit(
        aggregate_type="submission",
        aggregate_id=submission_id,
        action=action,
        call=call,
        changes={"state": [row["state"], state], "complaint_id": [before, complaint_id]},
        reason=reason,
    )
    return await whole(tx, await found_submission(tx, submission_id))
