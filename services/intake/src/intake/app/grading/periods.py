"""Periods that a question may leave open."""

from datetime import datetime, timedelta

from google.protobuf.message import Message

from chassis.errors import FieldError, Invalid
from chassis.messages import from_timestamp

_LONGEST = timedelta(days=3 * 366)


def period_of(request: Message, now: datetime, days: int) -> tuple[datetime, datetime]:
    """[from, to); to is now, from is `days` before it where absent. Raises Invalid for an empty or endless one."""
    until = from_timestamp(request, "to") or now
    since = from_timestamp(request, "from") or until - timedelta(days=days)
    if since >= until:
        raise Invalid("the period is empty", [FieldError("from", "must lie before to")])
    if until - since > _LONGEST:
        raise Invalid("the period is too long", [FieldError("from", "at most three years before to")])
    return since, until
