"""Messages of DingTalk, Slack and of Twilio's SMS."""

from collections.abc import Mapping
from typing import Any

from intake.domain.channels.message import EVENT, MEDIA, STATUS, UNKNOWN, Message, said, sent

_ROBOT_MEDIA = ("picture", "audio", "video", "file", "richText", "unknownMsgType")
_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"


def dingtalk_event(document: Any, raw: bytes) -> Message:
    """An event of the HTTP callback tells of the organisation; what a customer says comes by a robot."""
    event = document if isinstance(document, dict) else {}
    kind = said(event.get("EventType")) or "unknown"
    reason = EVENT if event.get("EventType") else UNKNOWN
    own = said(event.get("EventId") or event.get("eventId"))
    return Message(
        kind=kind[:50], raw=raw, content_type=_JSON, payload=document, message_id=own, parked=reason, detail=kind[:100]
    )


def robot_message(document: Any, raw: bytes) -> Message:
    given = document if isinstance(document, dict) else {}
    kind = said(given.get("msgtype")) or "unknown"
    text = given.get("text")
    return Message(
        kind=kind[:50],
        raw=raw,
        content_type=_JSON,
        payload=document,
        message_id=said(given.get("msgId")),
        sender=said(given.get("senderStaffId") or given.get("senderId")),
        sender_name=said(given.get("senderNick")),
        text=said(text.get("content")) if kind == "text" and isinstance(text, dict) else "",
        sent_at=sent(given.get("createAt")),
        parked="" if kind == "text" else MEDIA if kind in _ROBOT_MEDIA else UNKNOWN,
        detail=kind[:100],
    )


def twilio_message(form: Mapping[str, str], raw: bytes, content_type: str = _FORM) -> Message:
    """With pictures and words it is taken by its words; the pictures stay in the raw message."""
    text, media = said(form.get("Body")), said(form.get("NumMedia")) not in ("", "0")
    reason = "" if text else MEDIA if media else _twilio_kind(form)
    return Message(
        kind="mms" if media else "sms",
        raw=raw,
        content_type=content_type,
        payload=dict(form),
        message_id=_twilio_id(form),
        sender=said(form.get("From")),
        phone=said(form.get("From")),
        text=text,
        parked=reason,
        detail=said(form.get("MessageStatus") or form.get("SmsStatus") or form.get("CallStatus"))[:100],
    )


def _twilio_kind(form: Mapping[str, str]) -> str:
    """A status of a message of ours; a call; or an empty message."""
    if form.get("MessageStatus"):
        return STATUS
    return EVENT if form.get("CallSid") else UNKNOWN


def _twilio_id(form: Mapping[str, str]) -> str:
    own = said(form.get("MessageSid") or form.get("SmsSid") or form.get("CallSid"))
    status = said(form.get("MessageStatus"))
    return f"{own}#{status}" if own and status else own


def slack_message(document: Any, raw: bytes, content_type: str) -> Message:
    """An event of the Events API, or a slash command (a form)."""
    given = document if isinstance(document, dict) else {}
    inner = given.get("event")
    event: dict[str, Any] = inner if isinstance(inner, dict) else given
    kind = said(event.get("type") or given.get("command") or given.get("type")) or "unknown"
    spoken = "command" in given or (kind in ("message", "app_mention") and not event.get("subtype"))
    from_robot = bool(event.get("bot_id"))
    return Message(
        kind=kind[:50],
        raw=raw,
        content_type=content_type,
        payload=document,
        message_id=said(given.get("event_id") or given.get("trigger_id")),
        sender=said(event.get("user") or event.get("user_id")),
        sender_name=said(event.get("user_name")),
        text=said(event.get("text")) if spoken and not from_robot else "",
        sent_at=sent(given.get("event_time")),
        parked="" if spoken and not from_robot else EVENT,
        detail=kind[:100],
    )
