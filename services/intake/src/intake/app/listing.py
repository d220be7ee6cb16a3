"""Lists of complaints, newest first: as messages for services, as JSON for the door, which only passes it on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.messages import from_timestamp, to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters.newest import FILTERS, statement
from intake.adapters.tables import complaints
from intake.app.load import own_only
from redress.intake.v1 import intake_pb2 as pb

_OF_CUSTOMERS = {f"customer_{name}": f"k.{name} AS customer_{name}" for name in ("name", "email", "phone")}
_FIELDS = [field.name for field in pb.Complaint.DESCRIPTOR.fields]
_COLUMNS = tuple(
    _OF_CUSTOMERS.get(name) or f"c.{name}" for name in _FIELDS if name in _OF_CUSTOMERS or name in complaints.c
)
# Gradings, proposals and the like: shown with one complaint, never in a list.
_LEFT_OUT: dict[str, list[Any]] = {n: [] for n in _FIELDS if n not in _OF_CUSTOMERS and n not in complaints.c}


async def list_complaints(tx: Tx, call: Call, request: pb.ListComplaintsRequest) -> pb.ListComplaintsReply:
    limit = limit_of(request.page)
    wanted = _wanted(request, call)
    names = tuple((name, value is not False) for name, value in wanted)
    rows = await tx.fetch(statement(_COLUMNS, names, limit), *_values(wanted))
    cursor = encode_cursor(rows[-1]["t_registered"], str(rows[-1]["complaint_id"])) if len(rows) == limit else ""
    if request.as_json:
        return pb.ListComplaintsReply(json=as_json(rows), next_cursor=cursor)
    return pb.ListComplaintsReply(complaints=[to_message(pb.Complaint, row) for row in rows], next_cursor=cursor)


def as_json(rows: Sequence[asyncpg.Record]) -> bytes:
    """What the door would make of the messages; making fifty of them and taking them apart cost eight milliseconds."""
    return msgspec.json.encode([dict(row) | _LEFT_OUT for row in rows])


def _wanted(request: pb.ListComplaintsRequest, call: Call) -> list[tuple[str, Any]]:
    wanted = [(name, _value(request, name)) for name in FILTERS if _is_set(request, name)]
    if own_only(call):
        wanted.append(("registered_by", call.actor))
    if (after := decode_cursor(request.page.cursor, datetime, UUID)) is not None:
        wanted.append(("after", after))
    return wanted


def _is_set(request: pb.ListComplaintsRequest, name: str) -> bool:
    return name in request.DESCRIPTOR.fields_by_name and request.HasField(name)  # type: ignore[arg-type]


def _value(request: pb.ListComplaintsRequest, name: str) -> Any:
    return from_timestamp(request, name) if name.startswith("registered_") else getattr(request, name)


def _values(wanted: Sequence[tuple[str, Any]]) -> list[Any]:
    """In the order of the statement's places; yes and no stand in its text."""
    flat: list[Any] = []
    for _, value in wanted:
        if not isinstance(value, bool):
            flat.extend(value if isinstance(value, tuple) else (value,))
    return flat
