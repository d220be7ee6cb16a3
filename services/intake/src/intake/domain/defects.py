"""A complaint that tells several defects: the first of them is its flat pair, by which alone it is matched."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chassis.errors import FieldError
from intake.domain.complaint import DefectItem, Submission

MAX_ITEMS = 20
MAX_CODE, MAX_LOCATION, MAX_PIECES = 100, 200, 10_000_000


def with_first_defect(given: Submission) -> Submission:
    """The list trimmed, and its first item as defect code and location where these were not given."""
    if not given.defect_items:
        return given
    items = tuple(
        DefectItem(item.defect_code.strip(), (item.failure_location or "").strip() or None, item.quantity)
        for item in given.defect_items
    )
    first = items[0]
    return replace(
        given,
        defect_items=items,
        defect_code=given.defect_code or first.defect_code,
        failure_location=given.failure_location or first.failure_location,
    )


def defect_faults(given: Submission, _now: datetime) -> Iterator[FieldError]:
    if len(given.defect_items) > MAX_ITEMS:
        yield FieldError("defect_items", f"at most {MAX_ITEMS} defects")
    if given.defect_items and given.defect_code != given.defect_items[0].defect_code:
        yield FieldError("defect_code", "must be that of the first of defect_items")
    for n, item in enumerate(given.defect_items[:MAX_ITEMS]):
        where = f"defect_items[{n}]"
        if not 1 <= len(item.defect_code) <= MAX_CODE or not item.defect_code.isprintable():
            yield FieldError(f"{where}.defect_code", f"must be 1 to {MAX_CODE} printable characters")
        if item.failure_location and (
            len(item.failure_location) > MAX_LOCATION or not item.failure_location.isprintable()
        ):
            yield FieldError(f"{where}.failure_location", f"must be at most {MAX_LOCATION} printable characters")
        if item.quantity is not None and not 1 <= item.quantity <= MAX_PIECES:
            yield FieldError(f"{where}.quantity", f"must lie between 1 and {MAX_PIECES}")
