"""The complaints that a draft would grade otherwise, as a table for spreadsheets: streamed, page by page."""

import csv
import io
from collections.abc import AsyncIterator, Iterable
from typing import Any

from fastapi import APIRouter
from google.protobuf.timestamp_pb2 import Timestamp
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.app.principal import STAFF
from gateway.edge.guarded_route import guarded
from gateway.routes.documentation import documented
from gateway.routes.forward import PATH_TEXT, ask
from gateway.routes.grading import BACK_TESTS
from redress.common.v1.common_pb2 import Page
from redress.intake.v1 import grading_pb2 as pb

_CHANGES = next(row for row in BACK_TESTS if row.name == "ListBackTestChanges")
COLUMNS = [field.name for field in pb.BackTestChange.DESCRIPTOR.fields]
_PAGE = 200


@guarded(STAFF)
async def back_test_csv(request: Request, back_test_id: PATH_TEXT) -> Response:
    first = await _page(request, back_test_id, "")
    headers = {"Content-Disposition": 'attachment; filename="back-test.csv"'}
    return StreamingResponse(
        _lines(request, back_test_id, first), media_type="text/csv; charset=utf-8", headers=headers
    )


async def _lines(request: Request, back_test_id: str, page: pb.ListBackTestChangesReply) -> AsyncIterator[str]:
    # A spreadsheet takes a file without the mark for one in the encoding of its country.
    yield "\ufeff" + _written([COLUMNS])
    while True:
        yield _written([_cell(getattr(change, name)) for name in COLUMNS] for change in page.changes)
        if not page.next_cursor:
            return
        page = await _page(request, back_test_id, page.next_cursor)


async def _page(request: Request, back_test_id: str, cursor: str) -> pb.ListBackTestChangesReply:
    wanted = pb.ListBackTestChangesRequest(back_test_id=back_test_id, page=Page(limit=_PAGE, cursor=cursor))
    reply = await ask(request, _CHANGES, wanted)
    assert isinstance(reply, pb.ListBackTestChangesReply)
    return reply


def _written(rows: Iterable[Iterable[Any]]) -> str:
    """RFC 4180."""
    written = io.StringIO()
    csv.writer(written).writerows(rows)
    return written.getvalue()


def _cell(value: Any) -> Any:
    """Ids of rows are people's: none begins like a formula, for they begin with a letter or digit."""
    return value.ToJsonString() if isinstance(value, Timestamp) else value


def add_routes(router: APIRouter) -> None:
    described: dict[str, Any] = documented(STAFF, None, 200, writes=False)
    described["responses"][200] |= {"content": {"text/csv": {"schema": {"type": "string"}}}}
    router.add_api_route(
        "/v1/grading/back-tests/{back_test_id}/changes.csv",
        back_test_csv,
        methods=["GET"],
        summary="Each complaint that would be graded otherwise, as a table for spreadsheets",
        operation_id="getBackTestChangesCsv",
        tags=["grading"],
        response_class=Response,
        **described,
    )
