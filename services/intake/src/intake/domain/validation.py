"""May this be registered? Every fault is named by its field; all faults of a submission are told at once."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import (
    ANONYMOUS_CHANNELS,
    ANSWERS,
    CHANNELS,
    LANGUAGES,
    QUESTIONS_ASKED,
    REMEDIES,
    Submission,
)
from intake.domain.defects import defect_faults, with_first_defect
from intake.domain.texts import is_placeholder, language_of

CLOCK_SKEW = timedelta(minutes=5)
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
MAX_QUANTITY = 10_000_000
LENGTHS = {
    "external_id": 200,
    "customer_name": 200,
    "customer_email": 254,
    "customer_phone": 40,
    "customer_ref": 100,
    "product_family": 100,
    "product_model": 200,
    "lot": 100,
    "serial": 100,
    "description": 20_000,
    "defect_code": 100,
    "failure_location": 200,
    "channel_id": 63,
    "taken_by": 200,
}
_OPTIONAL = tuple(name for name in LENGTHS if name not in ("customer_name", "product_family", "description"))
_TIMES = ("t_occurred", "t_aware", "t_received", "t_closed", "customer_deadline", "answer_due")
_AHEAD = ("customer_deadline", "answer_due")
_EMAIL = re.compile(r"[^@\s,;:<>()\[\]\"\\]{1,64}@(?:[^@\s.,;:<>()\[\]\"\\_]+\.)+[^@\s.,;:<>()\[\]\"\\_]{2,}")
_PHONE = re.compile(r"\+?[0-9()\-\s./#*xX]*(?:\[PHONE:\w+\])?[0-9()\-\s./#*xX]*")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")

Faults = Iterator[FieldError]


def checked(given: Submission, now: datetime) -> Submission:
    """The submission with blanks trimmed, "n/a" in optional fields dropped and defaults set (t_received: now, t_aware:
    t_received, quantity: 1, language: the description's, an unanswered question: "unknown").

    Raises Invalid with one FieldError per fault.
    """
    tidy = tidied(given, now)
    faults = faults_of(tidy, now)
    if faults:
        raise Invalid("the complaint cannot be registered as it is", faults)
    return tidy


def tidied(given: Submission, now: datetime) -> Submission:
    return _with_defaults(with_first_defect(_trimmed(given)), now)


def faults_of(tidy: Submission, now: datetime) -> list[FieldError]:
    return [fault for check in _CHECKS for fault in check(tidy, now)]


def _trimmed(given: Submission) -> Submission:
    changes: dict[str, str | None] = {}
    for name in LENGTHS:
        value = getattr(given, name)
        if value is not None and value != (trimmed := value.strip()):
            changes[name] = value = trimmed
        if name in _OPTIONAL and value is not None and is_optional_nothing(name, value):
            changes[name] = None
    return replace(given, **changes) if changes else given  # type: ignore[arg-type]


def is_optional_nothing(name: str, value: str) -> bool:
    """A defect code "n/a" is kept as it came: it is a catch-all code, not a missing one."""
    return not value or (name not in ("defect_code", "failure_location") and is_placeholder(value))


def _with_defaults(given: Submission, now: datetime) -> Submission:
    received = given.t_received or now
    answers: Any = {name: getattr(given, name) or "unknown" for name in QUESTIONS_ASKED}
    return replace(
        given,
        language=given.language or language_of(given.description),
        remedy_wanted=given.remedy_wanted or None,
        quantity=1 if given.quantity is None else given.quantity,
        t_received=received,
        t_aware=given.t_aware or received,
        **answers,
    )


def _choices(given: Submission, _now: datetime) -> Faults:
    yield from _one_of("channel", given.channel, CHANNELS)
    yield from _one_of("language", given.language, LANGUAGES)
    if given.remedy_wanted is not None:
        yield from _one_of("remedy_wanted", given.remedy_wanted, REMEDIES)
    for name in QUESTIONS_ASKED:
        yield from _one_of(name, getattr(given, name), ANSWERS)


def _one_of(name: str, value: str, allowed: tuple[str, ...]) -> Faults:
    if value not in allowed:
        yield FieldError(name, f"must be one of {', '.join(allowed)}")


def _texts(given: Submission, _now: datetime) -> Faults:
    for name, limit in LENGTHS.items():
        value = getattr(given, name)
        if value is None:
            continue
        if len(value) > limit:
            yield FieldError(name, f"is longer than {limit} characters")
        if _CONTROL.search(value):
            yield FieldError(name, "contains control characters")


def _required(given: Submission, _now: datetime) -> Faults:
    names = ["description", "product_family"]
    if given.channel not in ANONYMOUS_CHANNELS and not given.historical:
        names.append("customer_name")
    for name in names:
        value = getattr(given, name)
        if not value:
            yield FieldError(name, "is required")
        elif is_placeholder(value):
            yield FieldError(name, "is a placeholder, not an answer")


def _addresses(given: Submission, _now: datetime) -> Faults:
    if given.customer_email is not None:
        yield from email_faults("customer_email", given.customer_email)
    if given.customer_phone is not None:
        yield from phone_faults("customer_phone", given.customer_phone)


def email_faults(name: str, value: str) -> Faults:
    if not is_email(value):
        yield FieldError(name, "is not an e-mail address")


def is_email(value: str) -> bool:
    """The shape that a mail server accepts; whether anyone reads it shows only when it is used."""
    local = value.partition("@")[0]
    if len(value) > LENGTHS["customer_email"]:
        return False
    sound = _EMAIL.fullmatch(value) and ".." not in value and not local.startswith(".") and not local.endswith(".")
    return bool(sound)


def phone_faults(name: str, value: str) -> Faults:
    if len(value) > LENGTHS["customer_phone"]:
        # The pattern takes quadratic time, and one call could hold up all others for minutes.
        yield FieldError(name, f"is longer than {LENGTHS['customer_phone']} characters")
    elif not _PHONE.fullmatch(value) or (sum(c.isdigit() for c in value) < 5 and "[PHONE:" not in value):
        yield FieldError(name, "is not a telephone number")


def _quantity(given: Submission, _now: datetime) -> Faults:
    assert given.quantity is not None
    if not 1 <= given.quantity <= MAX_QUANTITY:
        yield FieldError("quantity", f"must lie between 1 and {MAX_QUANTITY}")


def _times(given: Submission, now: datetime) -> Faults:
    for name in _TIMES:
        value = getattr(given, name)
        if value is None:
            continue
        if value < EARLIEST:
            yield FieldError(name, "lies before 1970")
        elif name not in _AHEAD and value > now + CLOCK_SKEW:
            yield FieldError(name, "lies in the future")


def _order(given: Submission, _now: datetime) -> Faults:
    """t_occurred ≤ t_aware, t_occurred ≤ t_received ≤ t_closed, t_received ≤ customer_deadline (DOMAIN §1)."""
    for earlier, later in _ORDER:
        first, second = getattr(given, earlier), getattr(given, later)
        if first is not None and second is not None and first > second + CLOCK_SKEW:
            blamed, other = (later, earlier) if later in ("t_closed", *_AHEAD) else (earlier, later)
            yield FieldError(blamed, f"lies {'before' if blamed == later else 'after'} {other}")


_ORDER = (
    ("t_occurred", "t_received"),
    ("t_occurred", "t_aware"),
    ("t_received", "t_closed"),
    ("t_received", "customer_deadline"),
    ("t_received", "answer_due"),
)


def _history(given: Submission, _now: datetime) -> Faults:
    if given.t_closed is not None and not given.historical:
        yield FieldError("t_closed", "only a historical record comes closed")


_CHECKS: tuple[Callable[[Submission, datetime], Faults], ...] = (
    _required,
    _choices,
    _texts,
    _addresses,
    _quantity,
    defect_faults,
    _times,
    _order,
    _history,
)
