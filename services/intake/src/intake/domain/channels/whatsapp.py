"""What WhatsApp's Cloud API delivers: one body may hold many messages, and statuses of ours."""

import hashlib
from collections.abc import Iterator, Mapping
from typing import Any

from intake.domain.channels.message import (
    CHANGED,
    EVENT,
    LOCATION,
    MEDIA,
    REACTION,
    STATUS,
    UNKNOWN,
    UNSUPPORTED,
    Message,
    said,
    sent,
)

_PARKED = {
    **dict.fromkeys(("image", "audio", "voice", "video", "document", "sticker", "contacts", "order"), MEDIA),
    "location": LOCATION,
    "reaction": REACTION,
    **dict.fromkeys(("edit", "revoke"), CHANGED),
    "system": EVENT,
    **dict.fromkeys(("unsupported", "unknown"), UNSUPPORTED),
}
_REPLIES = ("button_reply", "list_reply")


def whatsapp_messages(document: Any, raw: bytes) -> list[Message]:
    """At least one, so that nothing that came is lost."""
    found = [message for value in _values(document) for message in _of_value(value, raw)]
    return found or [_other("unknown", UNKNOWN, document, raw)]


def _values(document: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for entry in _objects(_under(document, "entry")):
        for change in _objects(entry.get("changes")):
            value = change.get("value")
            yield said(change.get("field")), value if isinstance(value, dict) else {}


def _of_value(change: tuple[str, Mapping[str, Any]], raw: bytes) -> Iterator[Message]:
    name, value = change
    messages, statuses = list(_objects(value.get("messages"))), list(_objects(value.get("statuses")))
    names = {said(c.get("wa_id")): said(_under(c.get("profile"), "name")) for c in _objects(value.get("contacts"))}
    for message in messages:
        yield _message(message, names, raw)
    for status in statuses:
        # One message of ours is sent, delivered and read: three statuses under one id.
        word = said(status.get("status"))
        yield _other(f"status {word}", STATUS, status, raw, f"{said(status.get('id'))}#{word}")
    if not messages and not statuses:
        yield _other(name or "unknown", EVENT if name else UNKNOWN, value, raw)


def _message(message: Mapping[str, Any], names: Mapping[str, str], raw: bytes) -> Message:
    kind, sender = said(message.get("type")) or "unknown", said(message.get("from"))
    text = _text(kind, message)
    return Message(
        kind=kind,
        raw=raw,
        content_type="application/json",
        payload=message,
        message_id=said(message.get("id")),
        sender=sender,
        sender_name=names.get(sender, "") or (next(iter(names.values()), "") if len(names) == 1 else ""),
        phone=f"+{sender}" if sender.isdigit() else "",
        text=text,
        sent_at=sent(message.get("timestamp")),
        parked="" if text else _PARKED.get(kind, UNKNOWN),
        detail=kind[:100],
    )


def _text(kind: str, message: Mapping[str, Any]) -> str:
    if kind == "text":
        return said(_under(message.get("text"), "body"))
    if kind == "button":
        return said(_under(message.get("button"), "text"))
    replies = [_under(message.get("interactive"), name) for name in _REPLIES] if kind == "interactive" else []
    return next((said(_under(reply, "title")) for reply in replies if reply), "")


def _other(kind: str, reason: str, payload: Any, raw: bytes, message_id: str = "") -> Message:
    digest = hashlib.sha256(raw).hexdigest()[:40]
    own = message_id if message_id.partition("#")[0] else f"digest:{digest}"
    return Message(
        kind=kind[:50],
        raw=raw,
        content_type="application/json",
        payload=payload,
        message_id=own,
        parked=reason,
        detail=kind[:100],
    )


def _objects(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _under(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None
