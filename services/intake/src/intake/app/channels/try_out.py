"""What would become of a payload, were it delivered and its signature right. Nothing is kept."""

import json

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound, RedressError
from intake.adapters import channel_store as store
from intake.app.channels.named import entry_of
from intake.app.channels.plan import Plan, as_mapped, faults_said, fields_of, planned, speaker_of
from intake.app.channels.readers import READERS
from intake.app.channels.registry import READING
from intake.app.channels.take import incoming_of
from intake.app.submissions.keep import known_as
from intake.domain.channels.entry import Entry, by_channel
from intake.domain.channels.hook import Unreadable
from intake.domain.channels.message import UNFIT, Message
from intake.domain.channels.outcome import EXISTING, PARKED
from intake.domain.validation import checked
from redress.intake.v1 import channels_pb2 as pb


async def try_channel(tx: Tx, call: Call, request: pb.TryChannelRequest) -> pb.TryChannelReply:
    """Raises Invalid for what the kind cannot read at all: delivered, it would be parked as unreadable."""
    call.require(*READING)
    row = await store.by_id(tx, request.channel_id)
    if row is None:
        raise NotFound("there is no such channel")
    entry = entry_of(row)
    if entry.kind not in READERS:
        raise Invalid(
            "nothing is delivered to this channel", [FieldError("channel_id", f"is a channel of {entry.kind}")]
        )
    try:
        messages = READERS[entry.kind](entry, request.payload.encode())
    except Unreadable as error:
        raise Invalid("the payload cannot be read", [FieldError("payload", error.detail)]) from error
    return pb.TryChannelReply(messages=[await _tried(tx, entry, as_mapped(entry, message)) for message in messages])


async def _tried(tx: Tx, entry: Entry, message: Message) -> pb.TriedMessage:
    known = await known_as(tx, incoming_of(entry, message))
    tried = pb.TriedMessage(kind=message.kind, external_id=known.external_id, fields="{}")
    if known.kept is not None:
        tried.outcome, tried.reason, tried.complaint_id = EXISTING, known.kept.reason, known.kept.complaint_id or ""
        return tried
    plan = await planned(tx, entry, message, known.external_id, await speaker_of(tx, entry, message))
    plan, tried.fields = _fitting(tx, entry, plan)
    tried.outcome, tried.reason, tried.complaint_id = plan.outcome, _why(plan), plan.complaint_id or ""
    return tried


def _fitting(tx: Tx, entry: Entry, plan: Plan) -> tuple[Plan, str]:
    if plan.submission is None:
        return plan, "{}"
    fields = json.dumps(fields_of(plan.submission), ensure_ascii=False)
    try:
        checked(by_channel(plan.submission, {entry.channel_id: entry}, tx.now), tx.now)
    except RedressError as error:
        return Plan(PARKED, UNFIT, faults_said(error)), fields
    return plan, fields


def _why(plan: Plan) -> str:
    return f"{plan.reason}: {plan.detail}" if plan.detail else plan.reason
