"""What a scope query asks about: a family, narrowed to a model, a lot, a range of serials or of production months."""

from dataclasses import dataclass
from datetime import date

SIMILAR_DAYS = 31
"""Lots of the same plant that were produced within so many days are similar: the same people, tools and material."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    product_family: str
    product_model: str | None = None
    lot: str | None = None
    serial_from: str | None = None
    serial_to: str | None = None
    produced_from: date | None = None
    """First days of months; both ends count."""
    produced_to: date | None = None
    defect_code: str | None = None

    @property
    def by_serial(self) -> bool:
        return self.serial_from is not None or self.serial_to is not None

    @property
    def by_production(self) -> bool:
        return self.produced_from is not None or self.produced_to is not None


def per_million(complaints: int, units: int | None) -> float | None:
    """Complaint rate = complaints / units in service x 10^6 (DOMAIN §2); None without units."""
    return complaints / units * 1_000_000 if units else None
