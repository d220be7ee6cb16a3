"""Is it the same customer? By the company's own customer number, else by e-mail or telephone."""

import hashlib
import re

from intake.domain.texts import normalised

_NOT_DIGITS = re.compile(r"\D+")
_SIGNIFICANT_DIGITS = 11


def customer_keys(*, ref: str | None, email: str | None, phone: str | None) -> list[str]:
    """Digests to match by, never to show. Two complaints with a common key come from the same customer.

    An e-mail counts in any case; of a telephone number the last 11 digits, so that +86 and 0086 do not matter.
    """
    keys = []
    if ref:
        keys.append(_digest("ref", normalised(ref)))
    if email:
        keys.append(_digest("email", normalised(email)))
    if phone:
        digits = _NOT_DIGITS.sub("", phone) if "[PHONE:" not in phone else normalised(phone)
        keys.append(_digest("phone", digits[-_SIGNIFICANT_DIGITS:] if digits.isdigit() else digits))
    return keys


def _digest(kind: str, value: str) -> str:
    return hashlib.sha256(f"{kind}:{value}".encode()).hexdigest()[:32]


def masked(value: str | None) -> str | None:
    """For the audit trail: tells that a value was there and whether it changed kind, not what it was."""
    if not value:
        return None
    return f"{value[0]}***" if "@" not in value else f"{value[0]}***@{value.rpartition('@')[2][:1]}***"
