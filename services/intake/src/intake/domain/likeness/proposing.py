"""Which of the complaints that read alike is a person asked about? Only where no signature proposed anything."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from intake.domain.likeness.alike import PROPOSED_FROM
from intake.domain.repeats import Level, Windows
from intake.domain.texts import is_catch_all, normalised

BASIS: Literal["likeness"] = "likeness"
MOST = 3
_MASS = 20
_MASS_FROM = 0.95
"""So many texts of this likeness are a form letter or a campaign: they tell no problem apart."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A complaint beside another one, as far as a proposal needs it."""

    complaint_id: str
    product_family: str
    serial: str | None
    t_received: datetime
    likeness: float = 1.0
    same_customer: bool = False
    takes_repeats: bool = True
    """Known before the new one, and not merged away."""


def proposals(new: Candidate, alike: Sequence[Candidate], windows: Windows) -> list[tuple[Candidate, Level]]:
    """At most three, the most alike first: of the same product family, within the window of repeats."""
    near = [other for other in alike if other.likeness >= PROPOSED_FROM and _comparable(new, other, windows)]
    if sum(other.likeness >= _MASS_FROM for other in alike) >= _MASS:
        near = [other for other in near if other.same_customer]
    near.sort(key=lambda other: -other.likeness)
    return [(other, _level(new, other, windows)) for other in near[:MOST]]


def _comparable(new: Candidate, other: Candidate, windows: Windows) -> bool:
    if not other.takes_repeats or abs(other.t_received - new.t_received) > windows.repeat:
        return False
    named = _named((new.product_family, other.product_family))
    return len(named) < 2 or named[0] == named[1]


def _named(families: Iterable[str]) -> list[str]:
    """A family that says nothing does not tell two complaints apart."""
    return [normalised(family) for family in families if not is_catch_all(family)]


def _level(new: Candidate, other: Candidate, windows: Windows) -> Level:
    """The same unit, or the same customer, again within days is the same occurrence until a person says otherwise."""
    same_unit = new.serial is not None and new.serial == other.serial
    if (same_unit or other.same_customer) and abs(other.t_received - new.t_received) <= windows.duplicate:
        return "duplicate"
    return "R1" if other.same_customer else "R2"
