"""POST /v1/imports: the file goes through to intake as it arrives; memory stays flat whatever its size."""

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import FieldError, Invalid
from gateway.adapters.multipart import FieldPart, FilePiece, FileStart, FormReader, Piece
from gateway.adapters.upload import upload
from gateway.edge.arriving import arriving
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.edge.refusals import UnsupportedMediaType
from gateway.routes.documentation import documented, shown_as
from gateway.routes.forward import IDEMPOTENCY_KEY, writing
from gateway.routes.render import answer, public
from gateway.routes.schemas import not_too_deep, reply_model, without_nul_inside
from redress.intake.v1 import intake_pb2

_IMPORTERS = frozenset({"customer_service", "quality", "manager", "admin"})
_MAX_NAME = 63
_FIELDS = ("mapping", "mapping_name", "historical", "sheet", "dry_run", "background")


@guarded(_IMPORTERS, "streaming")
async def import_file(request: Request) -> Response:
    """CSV, NDJSON or XLSX, in any usual encoding, told by the bytes. Send `mapping` (JSON) or `mapping_name`, and what
    else is wanted, before `file`. Rows known by external_id are answered, not doubled. `dry_run` registers nothing and
    tells what would become of each row. `background` answers 202 once the file is there: look at its `Location` for the
    progress; it goes on by itself after an interruption."""
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("the body must be multipart/form-data")
    door = door_of(request)
    settings = door.settings
    chunks = arriving(
        request, limit_bytes=settings.import_limit_bytes, idle_s=settings.import_idle_timeout_s, what="a file"
    )
    pieces = FormReader(request.headers["content-type"]).pieces(chunks)
    header, background = await _header(pieces)
    method = "StoreFile" if background else "ImportFile"
    call, seconds = writing(request), settings.import_timeout_s
    report = await upload(door.owners, call, seconds, method, header, file_pieces(pieces))
    return answer(public(report), 202 if background else 201, {"Location": f"/v1/imports/{report.import_id}"})


async def _header(pieces: AsyncIterator[Piece]) -> tuple[intake_pb2.ImportHeader, bool]:
    """Everything before the file, and whether it is for the background. Raises Invalid naming a field that is unknown,
    missing, or comes too late."""
    given: dict[str, str] = {}
    async for piece in pieces:
        match piece:
            case FieldPart(name, value) if name in _FIELDS:
                given[name] = value
            case FileStart("file", file_name):
                return _checked(given, file_name)
            case FieldPart(name, _) | FileStart(name, _):
                raise Invalid("the form does not fit", [FieldError(name, "is unknown")], slug="unknown_field")
    raise Invalid("the form has no file", [FieldError("file", "is missing")])


def _checked(given: dict[str, str], file_name: str) -> tuple[intake_pb2.ImportHeader, bool]:
    if ("mapping" in given) == ("mapping_name" in given):
        fault = FieldError("mapping", "give it or mapping_name, before the file")
        raise Invalid("the form does not fit", [fault])
    _check_mapping(given.get("mapping", "{}"))
    header = intake_pb2.ImportHeader(
        file_name=file_name,
        mapping=given.get("mapping", ""),
        mapping_name=given.get("mapping_name", "")[:_MAX_NAME],
        historical=_flag(given, "historical"),
        dry_run=_flag(given, "dry_run"),
        sheet=given.get("sheet"),
    )
    return header, _flag(given, "background")


def _check_mapping(text: str) -> None:
    try:
        without_nul_inside(not_too_deep(msgspec.json.decode(text, type=dict[str, Any])))
    except (ValueError, RecursionError) as error:
        fault = FieldError("mapping", f"must be a JSON object: {error}")
        raise Invalid("the mapping cannot be read", [fault]) from None


def _flag(given: dict[str, str], name: str) -> bool:
    value = given.get(name, "false").lower()
    if value not in ("true", "false"):
        raise Invalid("the form does not fit", [FieldError(name, "must be true or false")])
    return value == "true"


async def file_pieces(pieces: AsyncIterator[Piece]) -> AsyncIterator[bytes]:
    async for piece in pieces:
        if not isinstance(piece, FilePiece):
            raise Invalid("the form does not fit", [FieldError(piece.name, "the file must be the last part")])
        yield piece.content


_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "mapping": {
            "type": "string",
            "contentMediaType": "application/json",
            "description": "Which column fills which field; this or mapping_name",
            "examples": ['{"columns": {"description": {"column": "text"}}, "safety_not_asked": true}'],
        },
        "mapping_name": {"type": "string", "maxLength": 63, "description": "A mapping that is kept"},
        "historical": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "dry_run": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "background": {"type": "string", "enum": ["true", "false"], "default": "false"},
        "sheet": {"type": "string", "description": "Of a spreadsheet; its first visible one with rows when absent"},
        "file": {
            "type": "string",
            "contentMediaType": "application/octet-stream",
            "description": "CSV, NDJSON or XLSX; the last part",
        },
    },
}


def add_routes(router: APIRouter) -> None:
    shown_as(import_file, key=(IDEMPOTENCY_KEY, None))
    documentation = documented(_IMPORTERS, reply_model(intake_pb2.ImportReport.DESCRIPTOR), 201, writes=True)
    documentation["responses"][202] = {
        "description": "The file is there and will be read in the background",
        "model": documentation["response_model"],
    }
    content = {"multipart/form-data": {"schema": _FORM}}
    documentation["openapi_extra"]["requestBody"] = {"required": True, "content": content}
    router.add_api_route(
        "/v1/imports",
        import_file,
        methods=["POST"],
        summary="Import a file of complaints",
        operation_id="importFile",
        tags=["imports"],
        **documentation,
    )
