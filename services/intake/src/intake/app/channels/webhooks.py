"""Generic webhooks, and Zendesk's and Shopify's as presets of them: one signature, and a mapping by JSONPath."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import parse_qsl

import msgspec

from intake.adapters.channel_json import read_json
from intake.adapters.channel_paths import first_text
from intake.adapters.channel_xml import read_xml
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import HookAnswer, HookCall, NotProven, Secrets, Unreadable, within
from intake.domain.channels.mapping import FIELDS, found_at, mapped, wanted
from intake.domain.channels.message import NO_TEXT, NOT_WANTED, UNREADABLE, Message
from intake.domain.channels.options import Signing, signing, window_s
from intake.domain.channels.outcome import Outcome, Received
from intake.domain.channels.signatures import ENCODINGS, expect

_DEFAULT_TYPE = "application/json"
_FORM = "application/x-www-form-urlencoded"
_MAX_FIELDS = 500
_BY_OUR_NAMES: Mapping[str, Any] = {
    "fields": {name: {"path": f"$.{name}"} for name in sorted(FIELDS)},
    "id": "$.external_id",
    "sender": "$.customer_ref",
}
"""For a sender that writes our names: no mapping is needed."""


def webhook(entry: Entry, secrets: Secrets, call: HookCall) -> Received | HookAnswer:
    by = signing(entry.kind, entry.options)
    timestamp = call.headed(by.timestamp_header) if by.timestamp_header else ""
    signed = _signed(by, timestamp, call.body)
    given = call.headed(by.signature_header)
    expect(given, secrets["secret"], lambda secret: by.prefix + ENCODINGS[by.encoding](secret, signed))
    if by.timestamp_header:
        within(call, _unix(timestamp), window_s(entry.kind, entry.options))
    content_type = _kind(call)
    own_id = call.headers.get(by.id_header, "") if by.id_header else ""
    try:
        message = payload_message(entry, _read(call.body, content_type), call.body, content_type, own_id)
    except Unreadable as error:
        message = Message(
            kind="unreadable", raw=call.body, content_type=content_type, parked=UNREADABLE, detail=error.detail
        )
    return Received([message], _told)


def payload_message(entry: Entry, payload: Any, raw: bytes, content_type: str, own_id: str = "") -> Message:
    mapping = entry.mapping or _BY_OUR_NAMES
    fields = mapped(mapping, payload, first_text)
    text = fields.get("description", "").strip()
    parked = "" if text else NO_TEXT
    return Message(
        kind="webhook",
        raw=raw,
        content_type=content_type,
        payload=payload,
        message_id=found_at(mapping, "id", payload, first_text) or own_id,
        sender=found_at(mapping, "sender", payload, first_text),
        text=text,
        parked=parked if wanted(mapping, payload, first_text) else NOT_WANTED,
        fields=fields,
    )


def with_mapping(entry: Entry, message: Message) -> Message:
    """What the mapping of a vendor's channel makes of its message; what it is silent about stays."""
    if not entry.mapping or message.parked:
        return message
    if not wanted(entry.mapping, message.payload, first_text):
        return replace(message, parked=NOT_WANTED)
    fields = mapped(entry.mapping, message.payload, first_text)
    return replace(
        message,
        fields=fields,
        text=fields.get("description", message.text),
        message_id=found_at(entry.mapping, "id", message.payload, first_text) or message.message_id,
        sender=found_at(entry.mapping, "sender", message.payload, first_text) or message.sender,
    )


def _signed(by: Signing, timestamp: str, body: bytes) -> bytes:
    """`signed` with the body put in as it came: it need not be text."""
    before, _, after = by.signed.replace("{timestamp}", timestamp).partition("{body}")
    return before.encode("utf-8", "replace") + body + after.encode("utf-8", "replace")


def _unix(timestamp: str) -> str:
    """Zendesk writes RFC 3339."""
    if "T" not in timestamp:
        return timestamp
    try:
        return str(int(datetime.fromisoformat(timestamp).timestamp()))
    except (ValueError, OverflowError) as error:
        raise NotProven("the signed time cannot be read") from error


def _read(body: bytes, content_type: str) -> Any:
    if content_type.endswith("xml"):
        return read_xml(body)
    if content_type != _FORM:
        return read_json(body)
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=_MAX_FIELDS, errors="strict"))
    except ValueError as error:
        raise Unreadable("the form cannot be read") from error


def _kind(call: HookCall) -> str:
    return call.headers.get("content-type", "").partition(";")[0].strip().lower()[:100] or _DEFAULT_TYPE


def _told(outcomes: Sequence[Outcome]) -> HookAnswer:
    """The caller is a system: it learns what became of its message, and the same again when it sends it twice."""
    one = outcomes[0]
    told = {"outcome": one.outcome, "reason": one.reason, "number": one.number, "complaint_id": one.complaint_id}
    kept = {name: value for name, value in told.items() if value}
    return HookAnswer(content_type=_DEFAULT_TYPE, body=msgspec.json.encode(kept))
