"""Is it the same customer? By e-mail or telephone, and by the company's own customer number."""

import re
from collections.abc import Callable

from intake.domain.texts import normalised

_NOT_DIGITS = re.compile(r"\D+")
_SIGNIFICANT_DIGITS = 11

Digest = Callable[[str, str], str]
"""(kind, value) -> a keyed digest: without the key nobody can try which address it is of."""


def customer_keys(digest: Digest, *, ref: str | None, email: str | None, phone: str | None) -> list[str]:
    """Digests to match by, never to show; the surest first. Two complaints with a common key come from the same
    customer.

    An e-mail counts in any case; of a telephone number the last 11 digits, so that +86 and 0086 do not matter. Each
    begins with the letter of its kind.
    """
    keys = []
    if email:
        keys.append(EMAIL + digest("email", normalised(email)))
    if phone:
        digits = _NOT_DIGITS.sub("", phone) if "[PHONE:" not in phone else normalised(phone)
        keys.append(PHONE + digest("phone", digits[-_SIGNIFICANT_DIGITS:] if digits.isdigit() else digits))
    if ref:
        keys.append(REF + digest("ref", normalised(ref)))
    return keys


EMAIL, PHONE, REF = "e", "p", "r"


def masked(value: str | None) -> str | None:
    """For the audit trail: tells that a value was there and whether it changed kind, not what it was."""
    if not value:
        return None
    return f"{value[0]}***" if "@" not in value else f"{value[0]}***@{value.rpartition('@')[2][:1]}***"
