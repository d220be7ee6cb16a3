"""A register as a file: in as CSV, NDJSON or XLSX, out as CSV; the complaints of a scope as CSV."""

import csv
import io
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.errors import FieldError, Invalid, NotFound
from gateway.adapters.multipart import FieldPart, FileStart, FormReader, Piece
from gateway.adapters.upload import upload
from gateway.app.principal import STAFF
from gateway.edge.arriving import arriving
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.edge.refusals import UnsupportedMediaType
from gateway.routes.documentation import documented, shown_as
from gateway.routes.figures_csv import safe_cells
from gateway.routes.forward import IDEMPOTENCY_KEY, ask, message_of, writing
from gateway.routes.imports import file_pieces
from gateway.routes.master_data import NAMES, SCOPE
from gateway.routes.render import answer, public
from gateway.routes.schemas import query_model, reply_model
from gateway.routes.table import Forward
from redress.intake.v1 import master_data_pb2 as pb

_IMPORTERS = frozenset({"customer_service", "quality", "manager", "admin"})
RegisterName = Literal[NAMES]  # type: ignore[valid-type]
_FIELDS = ("dry_run", "sheet")
_EXPORT = Forward("POST", "/v1/master-data/{register}/records.csv", "intake.ExportMasterData", "A register as CSV")
_SCOPE_PAGE = SCOPE[1]
_CSV = {"text/csv": {"schema": {"type": "string"}}}
SCOPE_COLUMNS = [field.name for field in pb.ScopeComplaint.DESCRIPTOR.fields]
_SCOPE_FIELDS = [field for field in _SCOPE_PAGE.given if field.full_name.startswith("redress.intake.v1.ScopeFilter.")]
_QUERY: Any = query_model("ScopeCsvQuery", _SCOPE_FIELDS)


@guarded(_IMPORTERS, "streaming")
async def import_register(request: Request) -> Response:
    """The columns go by their names, in English or Chinese (docs/master-data.md). Rows are kept by their key, so that
    the same file sent again changes nothing; refused rows are told with line and column, the others kept. With
    `dry_run` everything is checked and counted, and nothing kept. Send `dry_run` and `sheet` before `file`."""
    register = _named(request)
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("the body must be multipart/form-data")
    door = door_of(request)
    settings = door.settings
    chunks = arriving(
        request, limit_bytes=settings.import_limit_bytes, idle_s=settings.import_idle_timeout_s, what="a file"
    )
    pieces = FormReader(request.headers["content-type"]).pieces(chunks)
    header = await _header(register, pieces)
    call, seconds = writing(request), settings.import_timeout_s
    report = await upload(door.owners, call, seconds, "ImportMasterData", header, file_pieces(pieces))
    return answer(public(report))


def _named(request: Request) -> str:
    name: str = request.path_params["register"]
    if name not in NAMES:
        raise NotFound("there is no such register")
    return name


async def _header(register: str, pieces: AsyncIterator[Piece]) -> pb.MasterDataHeader:
    given: dict[str, str] = {}
    async for piece in pieces:
        match piece:
            case FieldPart(name, value) if name in _FIELDS:
                given[name] = value
            case FileStart("file", file_name):
                return _checked(register, given, file_name)
            case FieldPart(name, _) | FileStart(name, _):
                raise Invalid("the form does not fit", [FieldError(name, "is unknown")], slug="unknown_field")
    raise Invalid("the form has no file", [FieldError("file", "is missing")])


def _checked(register: str, given: dict[str, str], file_name: str) -> pb.MasterDataHeader:
    dry_run = given.get("dry_run", "false").lower()
    if dry_run not in ("true", "false"):
        raise Invalid("the form does not fit", [FieldError("dry_run", "must be true or false")])
    return pb.MasterDataHeader(
        register=register, file_name=file_name, dry_run=dry_run == "true", sheet=given.get("sheet") or None
    )


@guarded(STAFF)
async def export_register(request: Request, register: RegisterName) -> Response:
    """Every record, in the order of the keys; the file can be imported again as it is. A register with personal data
    may be taken out only by those who may change it, and that is noted in the audit trail."""
    first = await _piece(request, register, "")
    headers = {"Content-Disposition": f'attachment; filename="{register}.csv"'}
    return StreamingResponse(_pieces(request, register, first), headers=headers, media_type="text/csv; charset=utf-8")


async def _pieces(request: Request, register: str, first: pb.MasterDataPiece) -> AsyncIterator[bytes]:
    yield "\ufeff".encode() + first.piece
    piece = first
    while piece.next_cursor:
        piece = await _piece(request, register, piece.next_cursor)
        yield piece.piece


async def _piece(request: Request, register: str, cursor: str) -> pb.MasterDataPiece:
    piece = await ask(request, _EXPORT, pb.ExportMasterDataRequest(register=register, cursor=cursor))
    assert isinstance(piece, pb.MasterDataPiece)
    return piece


@guarded(STAFF)
async def scope_csv(request: Request, query: Annotated[_QUERY, Query()]) -> Response:
    """All complaints of the scope, newest first."""
    message = message_of(_SCOPE_PAGE, {"query": query}, asking=exchange_of(request).actor)
    assert isinstance(message, pb.ListScopeComplaintsRequest)
    message.page.limit = 200
    first = await ask(request, _SCOPE_PAGE, message)
    headers = {"Content-Disposition": 'attachment; filename="scope.csv"'}
    return StreamingResponse(_rows(request, message, first), headers=headers, media_type="text/csv; charset=utf-8")


async def _rows(request: Request, message: pb.ListScopeComplaintsRequest, page: Message) -> AsyncIterator[bytes]:
    yield ("\ufeff" + _line(SCOPE_COLUMNS)).encode()
    while isinstance(page, pb.ListScopeComplaintsReply):
        items = public(page)["items"]
        yield "".join(_line(safe_cells(item[name] for name in SCOPE_COLUMNS)) for item in items).encode()
        if not page.next_cursor:
            return
        message.page.cursor = page.next_cursor
        page = await ask(request, _SCOPE_PAGE, message)


def _line(cells: Any) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()


_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "dry_run": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "sheet": {"type": "string", "description": "Of a spreadsheet; its first visible one with rows when absent"},
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "CSV, NDJSON or XLSX; the last part",
        },
    },
}


def add_routes(router: APIRouter) -> None:
    _add_import(router)
    _add_csv(router, "/v1/master-data/{register}/records.csv", export_register, "exportMasterData", "A register as CSV")
    _add_csv(router, "/v1/scope/complaints.csv", scope_csv, "getScopeCsv", "The complaints of a scope as CSV")


def _add_import(router: APIRouter) -> None:
    shown_as(import_register, register=RegisterName, key=(IDEMPOTENCY_KEY, None))
    documentation = documented(_IMPORTERS, reply_model(pb.MasterDataImport.DESCRIPTOR), 200, writes=True)
    content = {"multipart/form-data": {"schema": _FORM}}
    documentation["openapi_extra"]["requestBody"] = {"required": True, "content": content}
    router.add_api_route(
        "/v1/master-data/{register}/imports",
        import_register,
        methods=["POST"],
        summary="Import a file into a register",
        operation_id="importMasterData",
        tags=["master data"],
        **documentation,
    )


def _add_csv(router: APIRouter, path: str, endpoint: Any, operation: str, summary: str) -> None:
    documentation = documented(STAFF, None, 200, writes=False)
    documentation["responses"][200] |= {"content": _CSV}
    router.add_api_route(
        path,
        endpoint,
        methods=["GET"],
        summary=summary,
        operation_id=operation,
        tags=["master data"],
        response_class=Response,
        **documentation,
    )
