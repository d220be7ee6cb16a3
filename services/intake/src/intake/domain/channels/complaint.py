"""A message as a complaint of the standard template."""

from datetime import datetime, timedelta
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.channels.entry import Entry
from intake.domain.channels.mapping import TIMES
from intake.domain.channels.message import Message, sent
from intake.domain.complaint import Submission
from intake.domain.mail.complaint import UNSPECIFIED
from intake.domain.validation import LENGTHS, phone_faults

RETRIED_FOR = timedelta(days=7)
"""How long vendors go on delivering what we did not take; an older time of theirs is a clock that is wrong."""
_CUT = "\n[…]"


def complaint_of(entry: Entry, message: Message, external_id: str, now: datetime) -> Submission:
    """Nothing is known of safety: the grading asks (DOMAIN §10). What is too long is cut here and kept in the message.

    Raises Invalid for a field of the mapping that cannot be read.
    """
    values: dict[str, Any] = {
        "channel": entry.channel,
        "channel_id": entry.channel_id,
        "external_id": external_id[: LENGTHS["external_id"]],
        "language": entry.language,
        "customer_name": message.sender_name[: LENGTHS["customer_name"]],
        "customer_phone": message.phone if message.phone and not list(phone_faults("", message.phone)) else None,
        "customer_ref": reference(entry, message),
        "product_family": entry.product_family or UNSPECIFIED,
        "description": message.text,
        "t_received": _received(message.sent_at, now),
    }
    values |= {name: _typed(name, text) for name, text in message.fields.items()}
    longest = LENGTHS["description"]
    if len(values["description"]) > longest:
        values["description"] = values["description"][: longest - len(_CUT)] + _CUT
    return Submission(**values)


def reference(entry: Entry, message: Message) -> str | None:
    """A name that is the vendor's stands for the customer where nothing else does, so that repeats are found."""
    if message.phone or not message.sender:
        return None
    return f"{entry.kind}:{message.sender}"[: LENGTHS["customer_ref"]]


def _received(at: datetime | None, now: datetime) -> datetime:
    return at if at is not None and now - RETRIED_FOR <= at <= now else now


def _typed(name: str, text: str) -> Any:
    if name in TIMES:
        return _time(name, text)
    if name == "quantity":
        return _whole_number(text)
    return text


def _time(name: str, text: str) -> datetime:
    try:
        at = sent(text) or datetime.fromisoformat(text)
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise Invalid("a time cannot be read", [FieldError(name, "must be RFC 3339 with a zone, or a Unix time")])
    return at


def _whole_number(text: str) -> int:
    digits = text.strip().removesuffix(".0")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 9):
        raise Invalid("a number cannot be read", [FieldError("quantity", "is not a whole number")])
    return int(digits)
