"""One message of a channel: what someone said, or why nothing of it can be a complaint by itself."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

# Why a message waits for a person. None is an error: vendors add kinds without asking.
MEDIA, LOCATION, EVENT, STATUS = "media", "location", "event", "status"
REACTION, CHANGED, UNSUPPORTED, UNKNOWN = "reaction", "changed_message", "unsupported", "unknown_kind"
NO_TEXT, UNREADABLE, UNFIT, NOT_WANTED = "no_text", "unreadable", "unfit", "not_wanted"
REASONS = (
    *(MEDIA, LOCATION, EVENT, STATUS, REACTION, CHANGED, UNSUPPORTED, UNKNOWN),
    *(NO_TEXT, UNREADABLE, UNFIT, NOT_WANTED),
)
_LATEST_S = 4_102_444_800
"""The year 2100."""
_MILLISECONDS = 10**11


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    kind: str
    """The vendor's word."""
    raw: bytes
    content_type: str
    payload: Any = None
    """As read: what a channel's mapping looks into."""
    message_id: str = ""
    """The vendor's; a digest takes its place where there is none."""
    sender: str = ""
    sender_name: str = ""
    phone: str = ""
    text: str = ""
    sent_at: datetime | None = None
    parked: str = ""
    """One of REASONS; empty for what may become a complaint."""
    detail: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    """What the channel's mapping made of the payload: fields of a complaint."""


def sent(timestamp: Any) -> datetime | None:
    """A vendor's Unix time, in seconds or milliseconds, as number or text."""
    text = str(timestamp)
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        return None
    seconds = int(text) / 1000 if int(text) >= _MILLISECONDS else int(text)
    return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST_S else None


def said(value: Any) -> str:
    """Text of a payload that may hold anything in its place."""
    if isinstance(value, str):
        return value.replace("\x00", "").strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
