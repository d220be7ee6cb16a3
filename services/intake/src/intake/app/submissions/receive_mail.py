"""A raw mail comes in: kept as it is, and registered as a complaint or parked with the reason why not."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, FieldError, Invalid, RedressError
from chassis.ids import new_id
from intake.adapters import submissions
from intake.app.grading_tables import Registrars
from intake.app.group import REGISTERING, Group, Item
from intake.app.register import ITEMS_FAULT, RACES
from intake.app.submissions.read_mail import read_mail
from intake.app.whole import opening, whole_chunks
from intake.domain.mail.complaint import complaint_of
from intake.domain.mail.mail import Mail
from intake.domain.mail.reading import content_key
from intake.domain.mail.verdict import Own, Verdict, judged, numbers_named
from intake.domain.validation import LENGTHS
from redress.intake.v1 import intake_pb2 as pb

CHANNEL = "mail"
MAX_BYTES = 25 * 1024**2
_TRIES = 4


@dataclass(frozen=True, slots=True)
class _Given:
    raw: bytes
    mail: Mail
    product_family: str
    content_sha256: str
    unfit: str = ""

    @property
    def external_id(self) -> str:
        """The mail's own id; a digest of what it says where it has none, or none that can be kept."""
        own = self.mail.message_id
        return own if 0 < len(own) <= LENGTHS["external_id"] - 20 else f"content:{self.content_sha256[:40]}"


class ReceiveMail:
    def __init__(self, db: Database, registrars: Registrars, own: Own) -> None:
        self._db = db
        self._registrars = registrars
        self._own = own

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ReceiveMailRequest]) -> pb.SubmissionReceipt:
        """Whatever the bytes are, they are kept and answered; the same mail again gets the same answer. Raises Invalid
        for no bytes at all and for more than MAX_BYTES."""
        call.require(*REGISTERING)
        header, raw = await _collected(parts)
        mail = await read_mail(raw)
        digest = hashlib.sha256(content_key(mail, raw)).hexdigest()
        return await self._kept(call, _Given(raw, mail, header.product_family, digest))

    async def _kept(self, call: Call, given: _Given) -> pb.SubmissionReceipt:
        for _ in range(_TRIES):
            try:
                async with self._db.tx() as tx:
                    return await self._once(tx, call, given)
            except RACES:
                continue
            except ITEMS_FAULT:
                if given.unfit:
                    raise
                given = replace(given, unfit="cannot be stored as a complaint")
        raise Conflict("concurrent_change", "the same mail is being received at this moment")

    async def _once(self, tx: Tx, call: Call, given: _Given) -> pb.SubmissionReceipt:
        external_id = given.external_id
        known = await submissions.by_external_id(tx, CHANNEL, external_id)
        if known is not None and known["content_sha256"] != given.content_sha256:
            # Another mail under a Message-ID that was used before: it is not the same complaint.
            external_id = f"{external_id}#{given.content_sha256[:16]}"
            known = await submissions.by_external_id(tx, CHANNEL, external_id)
        if known is not None:
            return _receipt(known, existing=True)
        await self._decided(tx, call, given, external_id)
        return _receipt(await submissions.by_external_id(tx, CHANNEL, external_id), existing=False)

    async def _decided(self, tx: Tx, call: Call, given: _Given, external_id: str) -> None:
        verdict, complaint_id = await self._verdict(tx, given)
        state = "parked"
        if not verdict.reason:
            outcome = await self._registered(tx, call, given, external_id)
            if isinstance(outcome, RedressError):
                verdict = Verdict("unfit", _said(outcome))
            else:
                state, complaint_id = "registered", outcome.complaint_id
        new = submissions.NewSubmission(
            submission_id=new_id(),
            channel=CHANNEL,
            external_id=external_id,
            sha256=hashlib.sha256(given.raw).hexdigest(),
            content_sha256=given.content_sha256,
            raw=given.raw,
            mail=given.mail,
            product_family=given.product_family,
            received_by=call.actor,
            state=state,
            reason=verdict.reason,
            detail=verdict.detail,
            complaint_id=complaint_id,
        )
        await submissions.insert(tx, new)
        _audit(tx, call, new)

    async def _verdict(self, tx: Tx, given: _Given) -> tuple[Verdict, str | None]:
        """With the complaint that the subject names, where there is one: our letters carry its number."""
        verdict = Verdict("unfit", given.unfit) if given.unfit else judged(given.mail, self._own)
        named = numbers_named(given.mail)
        row = named and await tx.fetchrow(
            "SELECT complaint_id, number FROM complaints WHERE number = ANY($1::text[]) ORDER BY number LIMIT 1", named
        )
        if not row:
            return verdict, None
        complaint_id = str(row["complaint_id"])
        if verdict.reason:
            return verdict, complaint_id
        return Verdict("reply", f"names {row['number']} in its subject"), complaint_id

    async def _registered(self, tx: Tx, call: Call, given: _Given, external_id: str) -> pb.Registered | RedressError:
        submission = complaint_of(given.mail, external_id=external_id, product_family=given.product_family)
        item = Item.without_key(call, submission)
        return (await Group(tx, [item], await self._registrars(tx)).registered())[0]


async def _collected(parts: AsyncIterator[pb.ReceiveMailRequest]) -> tuple[pb.MailHeader, bytes]:
    header, raw = (await opening(parts)).header, bytearray()
    async for chunk in whole_chunks(parts):
        raw += chunk
        if len(raw) > MAX_BYTES:
            fault = FieldError("body", f"at most {MAX_BYTES} bytes")
            raise Invalid("the mail is too large", [fault], slug="too_large", status=413)
    if not raw.strip():
        raise Invalid("there is no mail", [FieldError("body", "is empty")])
    if len(header.product_family) > LENGTHS["product_family"]:
        raise Invalid("the product family is too long", [FieldError("product_family", "at most 100 characters")])
    return header, bytes(raw)


def _said(error: RedressError) -> str:
    """Names and faults of fields, never their content."""
    return "; ".join(f"{fault.field} {fault.message}" for fault in error.fields) or error.detail


def _receipt(row: Any, *, existing: bool) -> pb.SubmissionReceipt:
    receipt = pb.SubmissionReceipt(
        submission_id=str(row["submission_id"]), state=row["state"], reason=row["reason"], existing=existing
    )
    if row["complaint_id"] is not None and row["state"] == "registered":
        receipt.complaint_id = str(row["complaint_id"])
        receipt.number = row["number"]
        receipt.grade = row["grade"]
        receipt.questions.extend(row["questions"])
    return receipt


def _audit(tx: Tx, call: Call, new: submissions.NewSubmission) -> None:
    tx.audit(
        aggregate_type="submission",
        aggregate_id=new.submission_id,
        action="mail received",
        call=call,
        changes={
            "state": [None, new.state],
            "reason": [None, new.reason],
            "complaint_id": [None, new.complaint_id],
            "sha256": [None, new.sha256],
        },
        first=True,
    )
