"""What people and operators ask about deliveries."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from notify.adapters.tables import deliveries, delivery_attempts
from notify.domain.kinds import KINDS
from redress.notify.v1 import notify_pb2 as pb

_READERS = ("customer_service", "engineer", "quality", "manager", "service")
_STATES = ("pending", "sending", "sent", "failed", "skipped")


async def list_deliveries(tx: Tx, call: Call, request: pb.ListDeliveriesRequest) -> pb.ListDeliveriesReply:
    """Newest first. Raises Invalid for an unknown kind or state."""
    call.require(*_READERS)
    limit = limit_of(request.page)
    wanted = sa.select(deliveries).where(*_filters(request)).order_by(deliveries.c.delivery_id.desc()).limit(limit + 1)
    if after := decode_cursor(request.page.cursor, str):
        wanted = wanted.where(deliveries.c.delivery_id < identifier("cursor", after[0]))
    rows = await tx.rows(wanted)
    more = len(rows) > limit
    return pb.ListDeliveriesReply(
        deliveries=[to_message(pb.Delivery, dict(row)) for row in rows[:limit]],
        next_cursor=encode_cursor(str(rows[limit - 1]["delivery_id"])) if more else "",
    )


async def get_delivery(tx: Tx, call: Call, request: pb.GetDeliveryRequest) -> pb.Delivery:
    """With its attempts, oldest first. Raises NotFound."""
    call.require(*_READERS)
    return await delivery_of(tx, request.delivery_id)


async def get_totals(tx: Tx, call: Call, _request: pb.GetTotalsRequest) -> pb.Totals:
    """Deliveries of all kinds by state."""
    call.require(*_READERS)
    counted: dict[str, int] = {}
    for (_, state), count in (await count_by_kind_and_state(tx)).items():
        counted[state] = counted.get(state, 0) + count
    return to_message(pb.Totals, counted)


async def delivery_of(tx: Tx, delivery_id: str) -> pb.Delivery:
    key = identifier("delivery_id", delivery_id)
    row = await tx.row(sa.select(deliveries).where(deliveries.c.delivery_id == key))
    if row is None:
        raise NotFound("there is no such delivery")
    tries = delivery_attempts.c
    logged = await tx.rows(
        sa.select(tries.at, tries.ok, tries.answer).where(tries.delivery_id == key).order_by(tries.seq)
    )
    return to_message(pb.Delivery, {**row, "tries": [dict(attempt) for attempt in logged]})


async def count_by_kind_and_state(tx: Tx) -> Mapping[tuple[str, str], int]:
    rows = await tx.fetch("SELECT kind, state, count(*) AS n FROM deliveries GROUP BY kind, state")
    return {(row["kind"], row["state"]): row["n"] for row in rows}


def identifier(field: str, value: str) -> UUID:
    try:
        return UUID(value)
    except ValueError as error:
        raise Invalid("this is not an id", [FieldError(field, "not a UUID")]) from error


def _filters(request: pb.ListDeliveriesRequest) -> list[sa.ColumnElement[bool]]:
    columns = deliveries.c
    filters: list[sa.ColumnElement[bool]] = []
    if request.HasField("case_id"):
        filters.append(columns.case_id == identifier("case_id", request.case_id))
    if request.HasField("kind"):
        filters.append(columns.kind == one_of("kind", request.kind, sorted(KINDS)))
    if request.HasField("state"):
        filters.append(columns.state == one_of("state", request.state, _STATES))
    return filters


def one_of(field: str, value: str, known: Any) -> str:
    if value not in known:
        raise Invalid(f"unknown {field}", [FieldError(field, f"one of {', '.join(known)}")])
    return value
