"""A person says that a submission is one complaint or several: registered like any other, graded and matched."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, IllegalTransition, Invalid, RedressError
from intake.adapters import submissions
from intake.app.channels.readers import complaint_kept
from intake.app.grading_tables import Registrars
from intake.app.group import Group, Item
from intake.app.load import WORKING
from intake.app.replies import Outcome
from intake.app.submissions.decide import decided, reason_of
from intake.app.submissions.look import Row, held
from intake.app.submissions.read_mail import read_mail
from intake.domain.complaint import Submission
from intake.domain.mail.complaint import UNSPECIFIED, complaint_of, corrected
from intake.domain.submissions.incoming import MAIL_KINDS
from redress.intake.v1 import intake_pb2 as pb

MOST_PARTS = 20
_CORRECTIONS = ("customer_name", "customer_email", "customer_phone", "product_family", "language")
_OF_PART = ("product_family", "product_model", "lot", "defect_code")


class Promote:
    def __init__(self, registrars: Registrars) -> None:
        self._registrars = registrars

    async def __call__(self, tx: Tx, call: Call, request: pb.PromoteSubmissionRequest) -> pb.Submission:
        """All of its parts, or none. One that is registered already may tell more: each part named is one more
        complaint. Raises Invalid naming what is still missing."""
        call.require(*WORKING)
        row = await _open(tx, request)
        reason = reason_of(request.reason)
        given = await _given(tx, row, request)
        group = Group(tx, [Item.without_key(call, each) for each in given], await self._registrars(tx))
        complaint_ids = _registered(await group.registered(), several=bool(request.parts))
        return await decided(tx, call, row, "registered", reason, complaint_ids)


async def _open(tx: Tx, request: pb.PromoteSubmissionRequest) -> Row:
    if len(request.parts) > MOST_PARTS:
        raise Invalid("too many parts", [FieldError("parts", f"at most {MOST_PARTS}")])
    row = await held(tx, request.submission_id, request.if_version)
    if row["state"] != "parked" and not (row["state"] == "registered" and request.parts):
        raise IllegalTransition(f"the submission is {row['state']}; only a parked one is promoted, or parts of one")
    return row


async def _given(tx: Tx, row: Row, request: pb.PromoteSubmissionRequest) -> list[Submission]:
    whole = _corrected(await _read(tx, row), request)
    if not request.parts:
        return [whole]
    taken = await tx.fetchval(
        "SELECT count(*) FROM submission_complaints WHERE submission_id = $1 AND kind = 'promoted'",
        row["submission_id"],
    )
    return [_part(whole, part, taken + n) for n, part in enumerate(request.parts)]


async def _read(tx: Tx, row: Row) -> Submission:
    raw = await submissions.raw_of(tx, str(row["submission_id"]))
    if raw is None:
        raise Conflict("erased", "what the person behind this submission sent was erased")
    if row["kind"] in MAIL_KINDS:
        mail = await read_mail(raw)
        given = complaint_of(mail, external_id=row["external_id"], product_family=row["product_family"])
    else:
        given = await complaint_kept(tx, row, raw) or _of_message(row)
    return replace(given, t_received=row["received_at"], channel_id=row["channel_id"] or None)


def _of_message(row: Row) -> Submission:
    """What a message of another channel tells, its vendor's format hides: its text is for the person to say."""
    return Submission(
        channel=row["channel"],
        external_id=row["external_id"],
        language=row["language"],
        customer_name=row["sender_name"],
        customer_email=row["sender_address"] or None,
        product_family=row["product_family"] or UNSPECIFIED,
        description="",
    )


def _corrected(given: Submission, request: pb.PromoteSubmissionRequest) -> Submission:
    said: dict[str, Any] = {
        name: getattr(request, name)
        for name in _CORRECTIONS
        if request.HasField(name)  # type: ignore[arg-type]
    }
    return corrected(given, **said, description=request.text if request.HasField("text") else None)


def _part(whole: Submission, part: pb.PromotedPart, n: int) -> Submission:
    said: dict[str, Any] = {name: getattr(part, name) for name in _OF_PART if part.HasField(name)}  # type: ignore[arg-type]
    own_id = f"{whole.external_id}#part{n + 1}" if n else whole.external_id
    return replace(corrected(whole, **said, description=part.text), external_id=own_id)


def _registered(outcomes: Sequence[Outcome], *, several: bool) -> tuple[str, ...]:
    """Raises what is wrong with the first that cannot be registered."""
    for n, outcome in enumerate(outcomes):
        if isinstance(outcome, RedressError):
            raise _of_part(outcome, n) if several else outcome
    return tuple(outcome.complaint_id for outcome in outcomes if not isinstance(outcome, RedressError))


def _of_part(error: RedressError, n: int) -> RedressError:
    if not isinstance(error, Invalid):
        return error
    return Invalid(error.detail, [FieldError(f"parts[{n}].{f.field}", f.message) for f in error.fields])
