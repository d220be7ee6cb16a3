"""The scope query: all that is known of a lot, model, family, range of serials or of production months, on one call."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import to_dict, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import scope as stored
from intake.app.load import WORKING
from intake.domain.master_data.columns import Column
from intake.domain.master_data.scope import Scope, per_million
from intake.domain.master_data.service_life import months_between
from redress.intake.v1 import master_data_pb2 as pb

MONTH = Column("month", "month")
MAX_PRODUCTION_MONTHS = 240


async def get_scope(tx: Tx, call: Call, request: pb.GetScopeRequest) -> pb.Scope:
    """Raises Invalid without a family or for months that cannot be read. What is not known is absent, not 0."""
    call.require(*WORKING)
    scope = asked(request.filter)
    counted = _by_kind(await stored.figures(tx, scope))
    (total,) = counted["all"]
    moved = await stored.moved(tx, scope)
    in_service = _in_service(moved)
    lots = [] if scope.by_serial else await stored.lots(tx, scope)
    similar = await stored.similar_lots(tx, scope) if scope.lot is not None else []
    of_lots = {row["name"]: int(row["n"]) for row in counted["lot"]}
    return pb.Scope(
        complaints=int(total["n"]),
        affected_quantity=int(total["q"] or 0),
        customers=int(counted["customers"][0]["n"]),
        samples_waiting=int(counted["samples"][0]["n"]),
        by_state=_counts(counted["state"]),
        by_grade=_counts(counted["grade"]),
        by_month=sorted(_counts(counted["month"]), key=lambda month: month.name),
        by_defect=_counts(counted["defect"]),
        made_quantity=None if scope.by_serial else await stored.made(tx, scope),
        shipped_quantity=moved.get("shipped"),
        units_in_service=in_service,
        complaints_per_million=per_million(int(total["n"]), in_service),
        lots=[_lot(row, of_lots.get(row["lot_key"], 0)) for row in lots],
        similar_lots=[_lot(row, row["complaints"]) for row in similar],
    )


async def list_complaints(tx: Tx, call: Call, request: pb.ListScopeComplaintsRequest) -> pb.ListScopeComplaintsReply:
    """Newest first, without personal data."""
    call.require(*WORKING)
    limit = limit_of(request.page)
    after: Any = decode_cursor(request.page.cursor, datetime, UUID)
    rows = await stored.complaints(tx, asked(request.filter), after, limit)
    cursor = encode_cursor(rows[-1]["t_registered"], str(rows[-1]["complaint_id"])) if len(rows) == limit else ""
    return pb.ListScopeComplaintsReply(items=[to_message(pb.ScopeComplaint, row) for row in rows], next_cursor=cursor)


def asked(given: pb.ScopeFilter) -> Scope:
    values = to_dict(given)
    if not given.product_family.strip():
        raise Invalid("a scope needs a product", [FieldError("product_family", "is required")])
    return Scope(
        product_family=given.product_family.strip(),
        product_model=values["product_model"] or None,
        lot=values["lot"] or None,
        serial_from=values["serial_from"] or None,
        serial_to=values["serial_to"] or None,
        produced_from=month_of("production_month_from", values["production_month_from"]),
        produced_to=month_of("production_month_to", values["production_month_to"]),
        defect_code=values["defect_code"] or None,
    )


def month_of(name: str, text: str | None) -> date | None:
    try:
        month: date | None = MONTH.read(text)
    except ValueError as error:
        raise Invalid("a month cannot be read", [FieldError(name, str(error))]) from error
    return month


def check_span(first: date, last: date, name: str, most: int) -> None:
    if not 0 <= months_between(first, last) < most:
        raise Invalid("the months make no range", [FieldError(name, f"must end within {most} months of its beginning")])


def _by_kind(rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        found[row["by"]].append(row)
    return found


def _counts(rows: list[Any]) -> list[pb.Counted]:
    return [pb.Counted(name=row["name"], complaints=int(row["n"]), quantity=int(row["q"] or 0)) for row in rows]


def _in_service(moved: Mapping[str, int]) -> int | None:
    """Shipped less returned less scrapped; None where nothing is known to be shipped."""
    if "shipped" not in moved:
        return None
    return max(0, moved["shipped"] - moved.get("returned", 0) - moved.get("scrapped", 0))


def _lot(row: Mapping[str, Any], complaints: int) -> pb.ScopeLot:
    return to_message(pb.ScopeLot, {**row, "complaints": complaints})
