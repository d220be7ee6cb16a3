"""The problem's signature: (product family, defect code, failure location), + lot if known (DOMAIN §3)."""

from dataclasses import dataclass

from intake.domain.texts import is_catch_all, normalised


@dataclass(frozen=True, slots=True)
class Coded:
    """A complaint's coded fields, ready to compare. `None` = too little is known to compare by it."""

    cell: str | None
    """Product family and defect code: what R2 repeats and rates are counted by."""
    base: str | None
    """Cell and failure location: what R1 repeats are matched by, whatever the lot."""
    signature: str | None
    """The base, and the lot where it is known."""
    lot_key: str | None
    """Product family and lot: what the same-lot count of the grading table is taken from."""


def coded(*, product_family: str, defect_code: str | None, failure_location: str | None, lot: str | None) -> Coded:
    """A catch-all code ("other", "其他", "n/a") or family forms neither cell nor signature; a catch-all location counts
    as not given."""
    family = _part(product_family)
    code = _part(defect_code)
    location = _part(failure_location) or ""
    batch = _part(lot)
    lot_key = f"{family}|{batch}" if family and batch else None
    if not family or not code:
        return Coded(None, None, None, lot_key)
    base = f"{family}|{code}|{location}"
    return Coded(f"{family}|{code}", base, f"{base}|{batch}" if batch else base, lot_key)


def _part(value: str | None) -> str | None:
    if value is None or is_catch_all(value):
        return None
    return normalised(value).replace("|", "/")
