"""Reads what a vendor wrote, once it is out of its envelope and proven."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from chassis.db import Tx
from chassis.errors import RedressError
from intake.adapters import channel_store as store
from intake.adapters.channel_json import read_json
from intake.adapters.channel_xml import read_xml
from intake.app.channels.named import entry_of
from intake.app.channels.plan import as_mapped
from intake.app.channels.webhooks import payload_message
from intake.domain.channels.chats import dingtalk_event, robot_message, slack_message, twilio_message
from intake.domain.channels.complaint import complaint_of
from intake.domain.channels.entry import Entry
from intake.domain.channels.hook import Unreadable
from intake.domain.channels.message import Message
from intake.domain.channels.wechat import wechat_message
from intake.domain.channels.whatsapp import whatsapp_messages
from intake.domain.complaint import Submission

_FORM, _JSON = "application/x-www-form-urlencoded", "application/json"
Reader = Callable[[Entry, bytes], list[Message]]
"""Raises Unreadable."""


async def complaint_kept(tx: Tx, row: Any, raw: bytes) -> Submission | None:
    """What a kept submission of a vendor's channel says of its complaint, its words in `description`, perhaps none.
    None for another channel, and for what cannot be read."""
    channel = await store.by_id(tx, row["channel_id"])
    if channel is None or channel["kind"] not in READERS:
        return None
    entry = entry_of(channel)
    try:
        messages = [as_mapped(entry, message) for message in READERS[entry.kind](entry, raw)]
        named = [message for message in messages if message.message_id == row["external_id"]]
        return complaint_of(entry, (named or messages)[0], row["external_id"], tx.now)
    except RedressError:
        return None


def _form(body: bytes) -> dict[str, str]:
    try:
        return dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=500))
    except ValueError as error:
        raise Unreadable("the form cannot be read") from error


def _generic(entry: Entry, body: bytes) -> list[Message]:
    if body.lstrip().startswith(b"<"):
        return [payload_message(entry, read_xml(body), body, "application/xml")]
    return [payload_message(entry, read_json(body), body, _JSON)]


def _slack(_entry: Entry, body: bytes) -> list[Message]:
    if body.lstrip().startswith(b"{"):
        return [slack_message(read_json(body), body, _JSON)]
    return [slack_message(_form(body), body, _FORM)]


READERS: Mapping[str, Reader] = MappingProxyType(
    {
        **dict.fromkeys(("wechat_oa", "wecom"), lambda _entry, body: [wechat_message(read_xml(body), body)]),
        "dingtalk": lambda _entry, body: [dingtalk_event(read_json(body), body)],
        "dingtalk_robot": lambda _entry, body: [robot_message(read_json(body), body)],
        "whatsapp": lambda _entry, body: whatsapp_messages(read_json(body), body),
        "twilio_sms": lambda _entry, body: [twilio_message(_form(body), body)],
        "slack": _slack,
        **dict.fromkeys(("webhook", "zendesk", "shopify"), _generic),
    }
)
