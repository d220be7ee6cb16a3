"""Lists of complaints, newest first: as messages for services, as JSON for the door, which only passes it on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import from_timestamp, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters import personal
from intake.adapters.newest import FILTERS, is_given, statement, wanted
from intake.adapters.tables import complaints
from intake.app.load import own_only
from redress.intake.v1 import intake_pb2 as pb

_FIELDS = [field.name for field in pb.Complaint.DESCRIPTOR.fields]
COLUMNS = (*(f"c.{name}" for name in _FIELDS if name in complaints.c), *personal.COLUMNS)
# Gradings, proposals and the like: shown with one complaint, never in a list.
_LEFT_OUT: dict[str, list[Any] | None] = {
    field.name: [] if field.is_repeated else None
    for field in pb.Complaint.DESCRIPTOR.fields
    if field.name not in personal.SHOWN and field.name not in complaints.c
}


async def list_complaints(tx: Tx, call: Call, request: pb.ListComplaintsRequest) -> pb.ListComplaintsReply:
    limit = limit_of(request.page)
    chosen = _chosen(request, call)
    filters = tuple(wanted(name, value) for name, value in chosen)
    given = [value for filter_, (_, value) in zip(filters, chosen, strict=True) if is_given(filter_)]
    found = await tx.fetch(statement(COLUMNS, filters, limit), *_flat(given))
    rows = [personal.shown(tx.sealer, row) for row in found]
    cursor = encode_cursor(rows[-1]["t_registered"], str(rows[-1]["complaint_id"])) if len(rows) == limit else ""
    if request.as_json:
        return pb.ListComplaintsReply(json=as_json(rows), next_cursor=cursor)
    return pb.ListComplaintsReply(complaints=[to_message(pb.Complaint, row) for row in rows], next_cursor=cursor)


def as_json(rows: Sequence[dict[str, Any]]) -> bytes:
    """What the door would make of the messages; making fifty of them and taking them apart cost eight milliseconds."""
    return msgspec.json.encode([row | _LEFT_OUT for row in rows])


def _chosen(request: pb.ListComplaintsRequest, call: Call) -> list[tuple[str, Any]]:
    chosen: list[tuple[str, Any]] = [(name, _value(request, name)) for name in FILTERS if _is_set(request, name)]
    if own_only(call):
        chosen.append(("registered_by", call.actor))
    if (after := decode_cursor(request.page.cursor, datetime, UUID)) is not None:
        chosen.append(("after", after))
    return chosen


def _is_set(request: pb.ListComplaintsRequest, name: str) -> bool:
    return name in request.DESCRIPTOR.fields_by_name and request.HasField(name)  # type: ignore[arg-type]


def _value(request: pb.ListComplaintsRequest, name: str) -> Any:
    return from_timestamp(request, name) if name.startswith("registered_") else getattr(request, name)


def _flat(values: Sequence[Any]) -> list[Any]:
    return [part for value in values for part in (value if isinstance(value, tuple) else (value,))]
