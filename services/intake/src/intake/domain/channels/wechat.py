"""Messages of WeChat official accounts and of WeCom: one XML document each, of the same words."""

import hashlib
from collections.abc import Mapping
from typing import Any

from intake.domain.channels.message import EVENT, LOCATION, MEDIA, UNKNOWN, Message, said, sent

_PARKED = {
    **dict.fromkeys(("image", "voice", "video", "shortvideo", "link", "file", "miniprogrampage"), MEDIA),
    "location": LOCATION,
    **dict.fromkeys(("event", "device_event", "device_text", "device_status", "hardware"), EVENT),
}


def wechat_message(fields: Mapping[str, Any], raw: bytes) -> Message:
    kind = said(fields.get("MsgType")).lower()
    return Message(
        kind=kind or "unknown",
        raw=raw,
        content_type="application/xml",
        payload=fields,
        message_id=_message_id(fields, kind),
        sender=said(fields.get("FromUserName")),
        text=said(fields.get("Content")) if kind == "text" else "",
        sent_at=sent(fields.get("CreateTime")),
        parked="" if kind == "text" else _PARKED.get(kind, UNKNOWN),
        detail=f"{kind} {said(fields.get('Event'))}".strip()[:100],
    )


def _message_id(fields: Mapping[str, Any], kind: str) -> str:
    """An event has no id; the vendor says to tell repeats by sender and time. Digested, as it names the sender."""
    own = said(fields.get("MsgId"))
    if own and "event" not in kind:
        return own
    named = (said(fields.get(name)) for name in ("FromUserName", "CreateTime", "MsgType", "Event", "EventKey"))
    return "event:" + hashlib.sha256("\x1f".join(named).encode("utf-8", "replace")).hexdigest()[:40] if kind else own
