"""A message that is proven to come from the vendor: kept as it came, and made what it is to become, at once."""

import hashlib
from dataclasses import replace

import msgspec

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import Conflict, RedressError
from chassis.messages import to_timestamp
from intake.adapters import channel_store as store
from intake.app.channels.plan import Plan, as_mapped, faults_said, planned, registering, speaker_of
from intake.app.contact import MAX_NOTE, record_contact
from intake.app.grading_tables import Registrars
from intake.app.group import Group, Item
from intake.app.register import ITEMS_FAULT, RACES
from intake.app.submissions.keep import Kept, kept_as, known_as
from intake.domain.channels.complaint import RETRIED_FOR, reference
from intake.domain.channels.entry import Entry
from intake.domain.channels.message import UNFIT, Message
from intake.domain.channels.outcome import ATTACHED, PARKED, REGISTERED, Outcome
from intake.domain.submissions.incoming import Fate, Incoming
from intake.domain.texts import language_of
from redress.intake.v1 import intake_pb2 as pb

_TRIES = 4


class Take:
    def __init__(self, db: Database, registrars: Registrars) -> None:
        self._db = db
        self._registrars = registrars

    async def __call__(self, call: Call, entry: Entry, message: Message) -> Outcome:
        """The same message again gets the same answer. Raises Conflict when it is being taken at this moment: vendors
        come again."""
        mapped = as_mapped(entry, message)
        for _ in range(_TRIES):
            try:
                async with self._db.tx() as tx:
                    return await self._once(tx, call, entry, mapped)
            except RACES:
                continue
            except ITEMS_FAULT:
                if mapped.parked:
                    raise
                mapped = replace(mapped, parked=UNFIT, detail="cannot be stored as a complaint")
        raise Conflict("concurrent_change", "the same message is being taken at this moment")

    async def _once(self, tx: Tx, call: Call, entry: Entry, message: Message) -> Outcome:
        speaker = await speaker_of(tx, entry, message)
        if speaker:
            # What one sender says in a breath comes by several calls at once: the second belongs to the first.
            await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"{entry.channel_id}:{speaker}")
        incoming = incoming_of(entry, message)
        known = await known_as(tx, incoming)
        if known.kept is not None:
            outcome = _again(known.kept, incoming.language)
        else:
            plan = await planned(tx, entry, message, known.external_id, speaker)
            outcome, fate = await self._made(tx, call, entry, message, known.external_id, plan)
            await kept_as(tx, call, incoming, known.external_id, fate)
            if speaker and outcome.complaint_id and outcome.outcome != PARKED:
                await store.converse(tx, entry.channel_id, speaker, outcome.complaint_id)
        await store.count(tx, entry.channel_id, {outcome.counted: 1})
        return outcome

    async def _made(
        self, tx: Tx, call: Call, entry: Entry, message: Message, external_id: str, plan: Plan
    ) -> tuple[Outcome, Fate]:
        if plan.outcome == ATTACHED and plan.complaint_id:
            attached = await _attached(tx, call, entry, message, plan.complaint_id)
            if attached is not None:
                return attached
            plan = registering(tx, entry, message, external_id)
        if plan.submission is not None:
            item = Item.without_key(call, plan.submission)
            (made,) = await Group(tx, [item], await self._registrars(tx)).registered()
            if not isinstance(made, RedressError):
                told = Outcome(REGISTERED, "", made.complaint_id, made.number, _language(entry, message))
                return told, Fate("registered", complaint_ids=(made.complaint_id,))
            plan = Plan(PARKED, UNFIT, faults_said(made))
        about = (plan.complaint_id,) if plan.complaint_id else ()
        return Outcome(PARKED, plan.reason), Fate("parked", plan.reason, plan.detail, about)


async def _attached(
    tx: Tx, call: Call, entry: Entry, message: Message, complaint_id: str
) -> tuple[Outcome, Fate] | None:
    """None where the person behind the complaint was erased: what they say now is a complaint of its own."""
    at = message.sent_at if message.sent_at and tx.now - RETRIED_FOR <= message.sent_at <= tx.now else tx.now
    request = pb.RecordContactRequest(complaint_id=complaint_id, channel=entry.channel, note=message.text[:MAX_NOTE])
    request.at.CopyFrom(to_timestamp(at))
    try:
        contact = await record_contact(tx, call, request)
    except RedressError:
        return None
    number = await tx.fetchval("SELECT number FROM complaints WHERE complaint_id = $1", contact.complaint_id)
    told = Outcome(ATTACHED, "", contact.complaint_id, number, _language(entry, message))
    return told, Fate("registered", complaint_ids=(contact.complaint_id,), link="attached")


def incoming_of(entry: Entry, message: Message) -> Incoming:
    """Equal when its sender says the same again: vendors encrypt anew and gather messages anew for each try."""
    said = msgspec.json.encode([message.kind, message.sender, message.text, message.parked, message.detail])
    return Incoming(
        channel=entry.channel,
        kind=entry.kind,
        channel_id=entry.channel_id,
        external_id=message.message_id,
        raw=message.raw,
        content_type=message.content_type,
        content_sha256=hashlib.sha256(said if message.message_id else message.raw).hexdigest(),
        subject=message.kind[:200],
        sender_name=message.sender_name[:200],
        sender_address=message.fields.get("customer_email", "")[:254],
        sender_phone=message.fields.get("customer_phone", message.phone)[:40],
        sender_ref=message.fields.get("customer_ref", reference(entry, message) or "")[:100],
        language=_language(entry, message),
        product_family=entry.product_family,
        sent_at=message.sent_at,
    )


def _language(entry: Entry, message: Message) -> str:
    return entry.language or language_of(message.text)


def _again(kept: Kept, language: str) -> Outcome:
    state = PARKED if kept.state != "registered" else ATTACHED if kept.attached else REGISTERED
    return Outcome(state, kept.reason, kept.complaint_id or "", kept.number, language, fresh=False)
