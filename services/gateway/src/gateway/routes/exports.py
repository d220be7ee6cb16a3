"""Complaints as a table for spreadsheets: of a filter, or of a saved view. Sent while they are read, page by page."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from google.protobuf.json_format import MessageToDict
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.adapters.sheets import XLSX_ROWS, Csv, Sheet, Xlsx
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import Endpoint, guarded
from gateway.routes.documentation import documented
from gateway.routes.forward import PATH_TEXT, ask, message_of
from gateway.routes.ids import expect_ids_in_path
from gateway.routes.schemas import query_model
from gateway.routes.table import Forward
from redress.intake.v1 import search_pb2 as pb

_EXPORTING = frozenset({"customer_service", "quality", "manager", "admin"})
_AT_ONCE = 500
"""Rows per call: some 20 ms of intake's time, so that nobody waits for an export."""
_SET_BY_US = frozenset({"format", "cursor", "limit"})
FILTERED = Forward(
    "GET",
    "/v1/complaints.{format}",
    "intake.ExportComplaints",
    "Complaints as a table for spreadsheets, newest first",
    hidden=_SET_BY_US | {"view_id"},
)
OF_VIEW = Forward("GET", "/v1/views/{view_id}/complaints.{format}", FILTERED.rpc, "The complaints of a view as a table")
_FILTER: Any = query_model("ExportComplaintsQuery", FILTERED.given)
_MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}
Format = Literal["csv", "xlsx"]


def _of_filter(kind: Format) -> Endpoint | Any:
    @guarded(_EXPORTING)
    async def export(request: Request, query: Annotated[_FILTER, Query()]) -> Response:
        """Texts that a spreadsheet would take for formulas begin with an apostrophe. Columns that tell who complained
        come on request, for customer service and quality. Who exports what, and how much, is in the audit trail."""
        wanted = message_of(FILTERED, {"query": query, "format": kind}, asking=exchange_of(request).actor)
        assert isinstance(wanted, pb.ExportComplaintsRequest)
        return await _sent(request, wanted, kind)

    return export


def _of_view(kind: Format) -> Endpoint | Any:
    @guarded(_EXPORTING)
    async def export(request: Request, view_id: PATH_TEXT) -> Response:
        """The filters and columns of the view, for whoever may see it."""
        expect_ids_in_path({"view_id": view_id})
        return await _sent(request, pb.ExportComplaintsRequest(view_id=view_id, format=kind), kind)

    return export


async def _sent(request: Request, wanted: pb.ExportComplaintsRequest, kind: Format) -> Response:
    wanted.limit = _AT_ONCE
    first = await _page(request, wanted)
    headers = {"Content-Disposition": f'attachment; filename="complaints.{kind}"'}
    sheet: Sheet = Csv() if kind == "csv" else Xlsx()
    return StreamingResponse(_pieces(request, wanted, first, sheet), headers=headers, media_type=_MEDIA[kind])


async def _pieces(
    request: Request, wanted: pb.ExportComplaintsRequest, page: pb.ExportComplaintsReply, sheet: Sheet
) -> AsyncIterator[bytes]:
    """A page that fails breaks the answer off: what looks whole is whole."""
    yield sheet.begin(list(page.columns))
    while True:
        # Packing a page takes longer than others should wait.
        yield await asyncio.to_thread(sheet.rows, json.loads(page.rows))
        if not page.next_cursor or sheet.full:
            break
        wanted.cursor = page.next_cursor
        page = await _page(request, wanted)
    yield sheet.end(_about(wanted, page, sheet))


def _about(wanted: pb.ExportComplaintsRequest, last: pb.ExportComplaintsReply, sheet: Sheet) -> list[list[Any]]:
    filters = MessageToDict(wanted.filter, preserving_proto_field_name=True)
    complete = f"no: a sheet holds {XLSX_ROWS} rows and 2 GB; CSV holds any number" if sheet.full else "yes"
    return [
        ["complete", complete],
        ["rows read", last.so_far],
        *([name, str(value)] for name, value in filters.items()),
        *([["view", wanted.view_id]] if wanted.view_id else []),
    ]


async def _page(request: Request, wanted: pb.ExportComplaintsRequest) -> pb.ExportComplaintsReply:
    page = await ask(request, FILTERED, wanted)
    assert isinstance(page, pb.ExportComplaintsReply)
    return page


def add_routes(router: APIRouter) -> None:
    for kind in ("csv", "xlsx"):
        _add(router, FILTERED, kind, _of_filter(kind), "complaints", "exportComplaints")
        _add(router, OF_VIEW, kind, _of_view(kind), "views", "exportView")


def _add(router: APIRouter, row: Forward, kind: Format, endpoint: Any, tag: str, operation: str) -> None:
    described: dict[str, Any] = documented(_EXPORTING, None, 200, writes=False)
    schema = {"type": "string"} if kind == "csv" else {"type": "string", "format": "binary"}
    described["responses"][200] |= {"content": {_MEDIA[kind].partition(";")[0]: {"schema": schema}}}
    router.add_api_route(
        row.path.format(view_id="{view_id}", format=kind),
        endpoint,
        methods=["GET"],
        summary=f"{row.summary} ({kind.upper()})",
        operation_id=f"{operation}{kind.capitalize()}",
        tags=[tag],
        response_class=Response,
        **described,
    )
