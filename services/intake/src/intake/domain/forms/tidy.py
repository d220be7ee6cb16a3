"""Answers as people send them, made comparable; and what JSON Schema cannot say about them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from intake.domain.forms.binding import instant
from intake.domain.forms.form import Answers, Field, Form
from intake.domain.validation import is_email, phone_faults

_CLOCK_SKEW = timedelta(minutes=5)


def tidied(given: Mapping[str, Any]) -> dict[str, Any]:
    """Without what was left blank; blanks around texts trimmed. The order stays."""
    return {key: tidy for key, value in given.items() if (tidy := _tidy(value)) is not None}


def _tidy(value: Any) -> Any:
    if isinstance(value, str):
        return value.strip() or None
    if isinstance(value, Mapping):
        return {part: tidy for part, inner in value.items() if (tidy := _tidy(inner)) is not None} or None
    return None if value == [] else value


def faults_beyond_schema(form: Form, answers: Answers, now: datetime) -> Iterator[tuple[str, str]]:
    """(field, what is wrong) for answers that fit the schema: dates within their range, addresses that can be used,
    nothing that could not be stored."""
    for field in form.fields:
        if field.key not in answers:
            continue
        value = answers[field.key]
        if field.type in ("date", "date_time"):
            yield from _time_faults(form, field, value, now)
        elif field.type == "email" and not is_email(value):
            yield field.key, "is not an e-mail address"
        elif field.type == "phone":
            yield from ((field.key, fault.message) for fault in phone_faults(field.key, value))
    for key, value in answers.items():
        if any("\x00" in text for text in _texts(value)):
            yield key, "contains the NUL character"


def _time_faults(form: Form, field: Field, value: str, now: datetime) -> Iterator[tuple[str, str]]:
    try:
        at = instant(field, value, ZoneInfo(form.time_zone))
        day = at.astimezone(ZoneInfo(form.time_zone)).date().isoformat()
    except (ValueError, OverflowError):
        yield field.key, "is not a time that a calendar knows"
        return
    if at.year < 1900 or at.year > 2200:
        yield field.key, "must lie between the years 1900 and 2200"
    if field.limits.get("not_future") and at > now + _CLOCK_SKEW:
        yield field.key, "lies in the future"
    if day < field.limits.get("earliest", day):
        yield field.key, f"lies before {field.limits['earliest']}"
    if day > field.limits.get("latest", day):
        yield field.key, f"lies after {field.limits['latest']}"


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            yield from _texts(inner)
