"""Quality cost lines. See DOMAIN 4: four categories, COPQ = internal + external failure."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from capa.domain import require
from capa.domain.currencies import CURRENCIES
from chassis.errors import FieldError, Invalid

CATEGORIES = ("prevention", "appraisal", "internal_failure", "external_failure")
_PERIOD = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Cost:
    """One posting; it is not changed afterwards. A wrong one is reversed by a line of the negative amount."""

    cost_id: str
    date: date
    category: str
    sub_type: str
    amount_minor: int
    """In minor units of `currency`."""
    currency: str
    case_id: str | None
    capa_id: str | None
    period: str | None
    """YYYY-MM, for what no single case caused."""
    source_document: str
    estimated: bool
    by: str


def checked(cost: Cost, sub_types: Mapping[str, frozenset[str]]) -> Cost:
    """The line, or `Invalid`: it belongs to exactly one case, CAPA or period, in an ISO 4217 currency."""
    require.one_of("category", cost.category, CATEGORIES)
    require.one_of("sub_type", cost.sub_type, sub_types[cost.category])
    require.one_of("currency", cost.currency, CURRENCIES)
    if cost.amount_minor == 0:
        raise Invalid("a cost line of nothing says nothing", fields=[FieldError("amount_minor", "must not be 0")])
    if sum(bearer is not None for bearer in (cost.case_id, cost.capa_id, cost.period)) != 1:
        raise Invalid(
            "a cost line belongs to one case, one CAPA or one period",
            fields=[FieldError(name, "exactly one of the three") for name in ("case_id", "capa_id", "period")],
        )
    if cost.period is not None and not _PERIOD.fullmatch(cost.period):
        raise Invalid("a period is a month", fields=[FieldError("period", "must be YYYY-MM")])
    return cost


def day(value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError as wrong:
        raise Invalid("a cost line has a day", fields=[FieldError("date", "must be YYYY-MM-DD")]) from wrong
