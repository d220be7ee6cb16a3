"""What is to become of a message: a complaint, a contact about one, or something that waits for a person."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from chassis.db import Tx
from chassis.errors import RedressError
from intake.adapters import channel_store as store
from intake.adapters.index_key import ready
from intake.app.channels.webhooks import with_mapping
from intake.domain.channels.complaint import complaint_of
from intake.domain.channels.entry import Entry
from intake.domain.channels.message import NO_TEXT, UNFIT, Message
from intake.domain.channels.options import conversation_hours
from intake.domain.channels.outcome import ATTACHED, PARKED, REGISTERED
from intake.domain.complaint import Submission

_MAPPED_ALREADY = ("webhook", "zendesk", "shopify")


@dataclass(frozen=True, slots=True)
class Plan:
    outcome: str
    reason: str = ""
    detail: str = ""
    complaint_id: str | None = None
    """To be attached to; of a parked one: the one that its sender speaks about otherwise."""
    submission: Submission | None = None
    """To be registered."""


def as_mapped(entry: Entry, message: Message) -> Message:
    return message if entry.kind in _MAPPED_ALREADY else with_mapping(entry, message)


async def planned(tx: Tx, entry: Entry, message: Message, external_id: str, speaker: str) -> Plan:
    """Of a mapped message; `speaker` as `speaker_of` says."""
    hours = conversation_hours(entry.options)
    since = tx.now - timedelta(hours=hours)
    spoken_of = await store.conversation(tx, entry.channel_id, speaker, since) if speaker and hours else None
    if message.parked or not message.text:
        return Plan(PARKED, message.parked or NO_TEXT, message.detail, spoken_of)
    if spoken_of:
        return Plan(ATTACHED, complaint_id=spoken_of)
    return registering(tx, entry, message, external_id)


def registering(tx: Tx, entry: Entry, message: Message, external_id: str) -> Plan:
    try:
        return Plan(REGISTERED, submission=complaint_of(entry, message, external_id, tx.now))
    except RedressError as error:
        return Plan(PARKED, UNFIT, faults_said(error))


async def speaker_of(tx: Tx, entry: Entry, message: Message) -> str:
    """A digest by which the same sender is known again; empty for who has no name."""
    if not message.sender:
        return ""
    return (await ready(tx)).digest("channel-sender", f"{entry.channel_id}:{message.sender}")


def faults_said(error: RedressError) -> str:
    """Names and faults of fields, never their content."""
    return "; ".join(f"{fault.field} {fault.message}" for fault in error.fields) or error.detail


def fields_of(submission: Submission) -> Mapping[str, str]:
    """What a message says of its complaint, for people to look at."""
    said = {name: getattr(submission, name) for name in submission.__dataclass_fields__}
    return {name: str(value) for name, value in said.items() if value not in (None, "", False)}
