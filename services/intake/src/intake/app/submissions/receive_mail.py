"""A raw mail comes in: kept as it is, and registered as a complaint, added to one it answers, or parked."""

import hashlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, RedressError
from intake.app.contact import MAX_NOTE, keep_contact
from intake.app.grading_tables import Registrars
from intake.app.group import REGISTERING, Group, Item
from intake.app.register import ITEMS_FAULT, RACES
from intake.app.submissions.collect import MAX_BYTES, collected
from intake.app.submissions.keep import Kept, kept_as, known_as
from intake.app.submissions.mail_channel import mail_channel
from intake.app.submissions.read_mail import read_mail
from intake.app.submissions.senders import sends_too_much
from intake.app.submissions.threads import About, LetterIds, about_of, signed_about
from intake.domain.channels.entry import Entry
from intake.domain.mail.complaint import complaint_of
from intake.domain.mail.mail import Mail
from intake.domain.mail.reading import content_key
from intake.domain.mail.trimming import trimmed
from intake.domain.mail.verdict import Own, Verdict, judged
from intake.domain.submissions.incoming import Fate, Incoming
from redress.intake.v1 import intake_pb2 as pb

__all__ = ["MAX_BYTES", "ReceiveMail"]

_TRIES = 4
_ANSWERS = ("", "reply", "no_text")
"""Verdicts of what a person may have sent as an answer."""


@dataclass(frozen=True, slots=True)
class _Given:
    incoming: Incoming
    mail: Mail
    signed: str | None
    """The complaint that a letter of ours was about, which it answers."""
    unfit: str = ""


class ReceiveMail:
    def __init__(
        self,
        db: Database,
        registrars: Registrars,
        own: Own,
        letters: LetterIds | None = None,
        most_per_hour: int = 50,
    ) -> None:
        self._db = db
        self._registrars = registrars
        self._own = own
        self._letters = letters
        self._most_per_hour = most_per_hour

    async def __call__(self, call: Call, parts: AsyncIterator[pb.ReceiveMailRequest]) -> pb.SubmissionReceipt:
        """Whatever the bytes are, they are kept and answered; the same mail again gets the same answer. Raises Invalid
        for no bytes at all and for more than MAX_BYTES."""
        call.require(*REGISTERING)
        header, raw = await collected(parts)
        async with self._db.read() as tx:
            entry = await mail_channel(tx, header.channel_id)
        return receipt_of(await self.of(call, raw, entry, header.product_family))

    async def of(
        self, call: Call, raw: bytes, entry: Entry | None, product_family: str = "", *, oversized: str = ""
    ) -> Kept:
        """Like a call, for bytes at hand; `oversized` says why only the head of the mail is. Raises Unavailable,
        Conflict."""
        mail = await read_mail(raw)
        mail = replace(mail, oversized=oversized) if oversized else mail
        incoming = _incoming(raw, mail, entry, product_family)
        return await self._kept(call, _Given(incoming, mail, await signed_about(self._letters, mail)))

    async def _kept(self, call: Call, given: _Given) -> Kept:
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

    async def _once(self, tx: Tx, call: Call, given: _Given) -> Kept:
        known = await known_as(tx, given.incoming)
        if known.kept:
            return known.kept
        fate, of = await self._decided(tx, call, given, known.external_id)
        kept = await kept_as(tx, call, given.incoming, known.external_id, fate)
        return replace(kept, number=of.number, grade=of.grade, questions=tuple(of.questions)) if of else kept

    async def _decided(self, tx: Tx, call: Call, given: _Given, external_id: str) -> tuple[Fate, pb.Registered | None]:
        verdict = Verdict("unfit", given.unfit) if given.unfit else judged(given.mail, self._own)
        about = await about_of(tx, given.mail, given.signed)
        if about and about.sure and verdict.reason in _ANSWERS:
            try:
                return await _answered(tx, call, given, about)
            except Conflict as erased:
                verdict = Verdict("reply", erased.detail)
        verdict = _answering(verdict, about)
        if not verdict.reason and await sends_too_much(tx, given.incoming.sender_address, self._most_per_hour):
            verdict = Verdict("loop", f"its sender sent more than {self._most_per_hour} mails within an hour")
        if not verdict.reason:
            outcome = await self._registered(tx, call, given, external_id)
            if not isinstance(outcome, RedressError):
                return Fate("registered", complaint_ids=(outcome.complaint_id,)), outcome
            verdict = Verdict("unfit", _said(outcome))
        complaint_ids = (about.complaint_id,) if about else ()
        return Fate("parked", verdict.reason, verdict.detail, complaint_ids), None

    async def _registered(self, tx: Tx, call: Call, given: _Given, external_id: str) -> pb.Registered | RedressError:
        family = given.incoming.product_family
        submission = complaint_of(given.mail, external_id=external_id, product_family=family)
        submission = replace(submission, channel_id=given.incoming.channel_id or None)
        item = Item.without_key(call, submission)
        return (await Group(tx, [item], await self._registrars(tx)).registered())[0]


def _incoming(raw: bytes, mail: Mail, entry: Entry | None, product_family: str) -> Incoming:
    return Incoming(
        channel="mail",
        channel_id=entry.channel_id if entry else "",
        kind=entry.kind if entry else "mail",
        external_id=mail.message_id,
        raw=raw,
        content_type="message/rfc822",
        sha256=hashlib.sha256(raw).hexdigest(),
        content_sha256=hashlib.sha256(content_key(mail, raw)).hexdigest(),
        message_id=mail.message_id,
        subject=mail.subject,
        sender_name=mail.sender_name,
        sender_address=mail.sender_address,
        language=mail.language,
        charset=mail.charset,
        defects=mail.defects,
        attachments=mail.attachments,
        product_family=product_family or (entry.product_family if entry else ""),
        sent_at=mail.sent_at,
    )


async def _answered(tx: Tx, call: Call, given: _Given, about: About) -> tuple[Fate, pb.Registered]:
    """A contact of its complaint, with what the customer wrote anew. It reopens nothing by itself."""
    said = trimmed(given.mail.text) or given.mail.text
    note = f"{given.mail.subject}\n\n{said}".strip()[:MAX_NOTE]
    await keep_contact(tx, call, about.complaint_id, about.merged_into, channel="mail", at=tx.now, note=note)
    fate = Fate("registered", "", about.by, (about.complaint_id,), "attached")
    return fate, pb.Registered(complaint_id=about.complaint_id, number=about.number, grade=about.grade)


def _answering(verdict: Verdict, about: About | None) -> Verdict:
    return Verdict("reply", about.by) if about and not verdict.reason else verdict


def _said(error: RedressError) -> str:
    """Names and faults of fields, never their content."""
    return "; ".join(f"{fault.field} {fault.message}" for fault in error.fields) or error.detail


def receipt_of(kept: Kept) -> pb.SubmissionReceipt:
    receipt = pb.SubmissionReceipt(
        submission_id=kept.submission_id,
        state=kept.state,
        reason=kept.reason,
        existing=kept.existing,
        attached=kept.attached,
    )
    if kept.complaint_id is not None and kept.state in ("registered", "merged"):
        receipt.complaint_id = kept.complaint_id
        receipt.number = kept.number
        receipt.grade = kept.grade
        receipt.questions.extend(kept.questions)
    return receipt
