"""Units in service and complaint rates by production month; shipments for those who make figures of them."""

from datetime import UTC, date, datetime
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import from_timestamp
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import exposures
from intake.adapters import scope as stored
from intake.app.load import READING, WORKING
from intake.app.master_data.records import shown
from intake.app.master_data.scope import check_span, month_of
from intake.domain.master_data.registers import SHIPMENTS
from intake.domain.master_data.scope import Scope, per_million
from intake.domain.master_data.service_life import Cohort, Movement, Reported, cohorts
from redress.intake.v1 import master_data_pb2 as pb

MAX_MONTHS = 60
_START = datetime(1970, 1, 1, tzinfo=UTC)


async def get_units_in_service(tx: Tx, call: Call, request: pb.GetUnitsInServiceRequest) -> pb.UnitsInService:
    """A row per production month, a cell per month in service. Raises Invalid for months that are none, or more than
    60 of them. Complaints of units whose production month nobody knows are counted beside."""
    call.require(*WORKING)
    if not request.product_family.strip():
        raise Invalid("a product is needed", [FieldError("product_family", "is required")])
    first, last = _month("production_from", request.production_from), _month("production_to", request.production_to)
    check_span(first, last, "production_to", MAX_MONTHS)
    as_of = month_of("as_of", request.as_of) or tx.now.date().replace(day=1)
    scope = Scope(
        product_family=request.product_family.strip(),
        product_model=request.product_model or None,
        lot=request.lot or None,
        defect_code=request.defect_code or None,
    )
    moved = [Movement(**row) for row in await stored.movements(tx, scope, as_of) if first <= row["produced"] <= last]
    told = await stored.reported(tx, scope)
    placed = [Reported(**row) for row in told if row["produced"] is not None and first <= row["produced"] <= last]
    return pb.UnitsInService(
        months=[_shown(cohort) for cohort in cohorts(moved, placed, as_of)],
        as_of=f"{as_of:%Y-%m}",
        unplaced_complaints=sum(row["count"] for row in told if row["produced"] is None),
    )


async def list_exposures(tx: Tx, call: Call, request: pb.ListExposuresRequest) -> pb.ListExposuresReply:
    """Shipments that changed since a time, in the order of their change."""
    call.require(*READING)
    limit = limit_of(request.page)
    after: Any = decode_cursor(request.page.cursor, datetime, date, str, str, str, str, str)
    rows = await exposures.changed(tx, from_timestamp(request, "since") or _START, after, limit)
    cursor = encode_cursor(*exposures.place_of(rows[-1])) if len(rows) == limit else ""
    return pb.ListExposuresReply(items=[shown(pb.Shipment, SHIPMENTS, row) for row in rows], next_cursor=cursor)


def _month(name: str, text: str) -> date:
    month = month_of(name, text)
    if month is None:
        raise Invalid("a month is missing", [FieldError(name, "is required")])
    return month


def _shown(cohort: Cohort) -> pb.ProductionMonth:
    cells = [
        pb.MonthInService(
            months_in_service=cell.months_in_service,
            units=cell.units,
            complaints=cell.complaints,
            complaints_per_million=per_million(cell.complaints, cell.units),
        )
        for cell in cohort.cells
    ]
    return pb.ProductionMonth(
        production_month=f"{cohort.produced:%Y-%m}",
        in_service=cohort.in_service,
        complaints=cohort.complaints,
        cells=cells,
        **cohort.moved,
    )
