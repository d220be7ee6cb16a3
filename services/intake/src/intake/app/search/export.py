"""Exports: every complaint of a filter, page by page, so that no call is long and nobody's memory fills.

The first page leaves in the audit trail who takes what out, and the last one how much it came to. The cursor counts the
rows, so that a page costs the same wherever it lies and any replica may answer it.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import msgspec

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.ids import new_id
from chassis.paging import decode_cursor, encode_cursor
from intake.app.search.asked import asked, told
from intake.app.search.columns import USUAL, checked_columns
from intake.app.search.search import found
from intake.app.search.views import filters_of, seen
from redress.intake.v1 import search_pb2 as pb

EXPORTING = ("customer_service", "quality", "manager")
FORMATS = ("csv", "xlsx")
MOST_AT_ONCE = 5_000


async def export_complaints(tx: Tx, call: Call, request: pb.ExportComplaintsRequest) -> pb.ExportComplaintsReply:
    """Raises Forbidden, NotFound for a view nobody showed the caller, Invalid naming the fields."""
    call.require(*EXPORTING)
    _check(request)
    filters, columns = await _what(tx, call, request)
    export_id, so_far, place = decode_cursor(request.cursor, str, int, str) or (new_id(), 0, "")
    page = await found(tx, asked(call, filters), request.limit, place)
    rows = [[_cell(row[name]) for name in columns] for row in page.rows]
    so_far += len(rows)
    if not request.cursor:
        taken = {"format": request.format, "columns": columns, "filters": told(filters)}
        _record(tx, call, export_id, "export begun", taken, first=True)
    if not page.next_cursor:
        _record(tx, call, export_id, "export ended", {"rows": so_far})
    cursor = encode_cursor(export_id, so_far, page.next_cursor) if page.next_cursor else ""
    return pb.ExportComplaintsReply(
        columns=columns, rows=msgspec.json.encode(rows), count=len(rows), next_cursor=cursor, so_far=so_far
    )


def _check(request: pb.ExportComplaintsRequest) -> None:
    if request.format not in FORMATS:
        raise Invalid("there is no such format", [FieldError("format", f"must be one of {', '.join(FORMATS)}")])
    if not 1 <= request.limit <= MOST_AT_ONCE:
        raise Invalid("the page is too large", [FieldError("limit", f"1..{MOST_AT_ONCE}")])


async def _what(tx: Tx, call: Call, request: pb.ExportComplaintsRequest) -> tuple[pb.ComplaintFilter, list[str]]:
    filters, columns = request.filter, checked_columns(call, request.columns)
    if request.HasField("view_id"):
        view = await seen(tx, call, request.view_id)
        filters, columns = filters_of(view), columns or checked_columns(call, view["columns"])
    return filters, columns or list(USUAL)


def _cell(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    return ", ".join(map(str, value)) if isinstance(value, list) else value


def _record(tx: Tx, call: Call, export_id: str, action: str, told: Mapping[str, Any], *, first: bool = False) -> None:
    tx.audit(
        aggregate_type="export",
        aggregate_id=export_id,
        action=action,
        call=call,
        changes={name: [None, value] for name, value in told.items()},
        first=first,
    )
