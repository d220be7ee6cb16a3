"""CloudEvents 1.0 in structured JSON mode (NATS protocol binding 1.0.2, content type application/cloudevents+json)."""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

import msgspec

from redress.catalog import CATALOG, TYPE_OF

T = TypeVar("T")

CONTENT_TYPE = "application/cloudevents+json"
_HIGHEST_SEQUENCE = 2**31 - 1


class Envelope(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    specversion: str = "1.0"
    id: str
    source: str
    type: str
    subject: str
    time: Annotated[datetime, msgspec.Meta(tz=True)]
    datacontenttype: str = "application/json"
    sequence: str
    """Of the aggregate; a string by the CloudEvents sequence extension."""
    sequencetype: str = "Integer"
    traceparent: str | None = None
    data: msgspec.Raw


class Undecodable(Exception):
    """No retry will make this message readable."""


@dataclass(frozen=True, slots=True)
class Received(Generic[T]):
    event_id: str
    type: str
    subject: str
    sequence: int
    time: datetime
    traceparent: str | None
    data: T


_ENCODER = msgspec.json.Encoder()
_ENVELOPE = msgspec.json.Decoder(Envelope)
_PAYLOADS = {entry.type: msgspec.json.Decoder(entry.payload) for entry in CATALOG.values()}


def encode(
    payload: msgspec.Struct, *, event_id: str, subject: str, sequence: int, time: datetime, traceparent: str | None
) -> tuple[str, bytes]:
    """The event's type and its bytes on the wire."""
    event_type = TYPE_OF[type(payload)]
    envelope = Envelope(
        id=event_id,
        source=f"redress/{CATALOG[event_type].owner}",
        type=event_type,
        subject=subject,
        time=time,
        sequence=str(sequence),
        traceparent=traceparent,
        data=msgspec.Raw(_ENCODER.encode(payload)),
    )
    return event_type, _ENCODER.encode(envelope)


def decode(body: bytes) -> Received[Any]:
    """Raises Undecodable for anything that is not an event of the catalogue, or that our tables could not take."""
    try:
        envelope = _ENVELOPE.decode(body)
        return Received(
            event_id=str(UUID(envelope.id)),
            type=envelope.type,
            subject=_plain(envelope.subject),
            sequence=_countable(int(envelope.sequence)),
            time=envelope.time,
            traceparent=envelope.traceparent,
            data=_PAYLOADS[envelope.type].decode(envelope.data),
        )
    except (msgspec.MsgspecError, KeyError, ValueError, RecursionError) as error:
        raise Undecodable(f"{type(error).__name__}: {str(error)[:200]}") from error


def _plain(subject: str) -> str:
    if "\x00" in subject:  # PostgreSQL has no such text
        raise ValueError("the subject holds a NUL")
    return subject


def _countable(sequence: int) -> int:
    if not 0 <= sequence <= _HIGHEST_SEQUENCE:
        raise ValueError("the sequence is out of range")
    return sequence
