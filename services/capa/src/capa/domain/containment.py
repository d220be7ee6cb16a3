"""Containment of one case: customers are protected before the cause is known (DOMAIN expert point 1)."""

from dataclasses import dataclass
from datetime import datetime

from capa.domain import require
from chassis.errors import FieldError, Invalid

PLACES = ("own_stock", "transit", "customer", "supplier", "none_needed")


@dataclass(frozen=True)
class Containment:
    containment_id: str
    case_id: str
    text: str
    place: str
    quantity_checked: int | None
    quantity_nok: int | None
    by: str
    at: datetime


def checked(containment: Containment) -> Containment:
    """The record, or `Invalid`. `none_needed` needs its text as well: it is the reason."""
    require.text("text", containment.text)
    require.one_of("place", containment.place, PLACES)
    checked_pieces, bad = containment.quantity_checked, containment.quantity_nok
    wrong = [
        FieldError(name, "must be 0 or more")
        for name, count in (("quantity_checked", checked_pieces), ("quantity_nok", bad))
        if count is not None and count < 0
    ]
    if bad is not None and (checked_pieces is None or bad > checked_pieces):
        wrong.append(FieldError("quantity_nok", "cannot exceed quantity_checked"))
    if wrong:
        raise Invalid("these quantities cannot be", fields=wrong)
    return containment
