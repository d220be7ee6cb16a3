"""A channel of the registry, and what it says about the complaints that come by it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import Submission

_UNSAID = ("", "api", "file")
"""Words that stand there when nobody chose one: by the API, by a file's mapping."""


@dataclass(frozen=True, slots=True)
class Entry:
    channel_id: str
    kind: str
    channel: str
    language: str = ""
    product_family: str = ""
    enabled: bool = True
    mapping: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)


Channels = Mapping[str, Entry]


def by_channel(given: Submission, channels: Channels, now: datetime) -> Submission:
    """What the channel that a complaint names says in its place: the coarse word, the language, the product family, and
    when a public body wants its answer (option `answer_days`, calendar days after it was received).

    Raises Invalid for a channel that is not in the registry, is switched off, or is of another word.
    """
    if not given.channel_id or given.channel_id.isspace():
        return given
    entry = channels.get(given.channel_id.strip())
    if entry is None:
        raise _unfit("channel_id", "is not in the registry of channels")
    if not entry.enabled:
        raise _unfit("channel_id", "is switched off")
    if given.channel not in (*_UNSAID, entry.channel):
        raise _unfit("channel", f"must be {entry.channel}, which the channel {entry.channel_id} counts as")
    return replace(
        given,
        channel=entry.channel,
        language=given.language or entry.language,
        product_family=given.product_family or entry.product_family,
        answer_due=given.answer_due or _due(given, entry, now),
    )


def _due(given: Submission, entry: Entry, now: datetime) -> datetime | None:
    days = entry.options.get("answer_days")
    return (given.t_received or now) + timedelta(days=days) if days and not given.historical else None


def _unfit(name: str, message: str) -> Invalid:
    return Invalid("the complaint does not fit its channel", [FieldError(name, message)])
