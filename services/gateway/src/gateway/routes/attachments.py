"""Files beside complaints: in as a form, out as they came, both as streams."""

import base64
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import quote

from fastapi import APIRouter
from google.protobuf.message import Message
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from chassis.errors import FieldError, Invalid
from gateway.adapters.contracts import method_of
from gateway.adapters.multipart import FieldPart, FileStart, FormReader, Piece
from gateway.adapters.upload import upload
from gateway.edge.arriving import arriving
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from gateway.edge.guarded_route import guarded
from gateway.edge.refusals import UnsupportedMediaType
from gateway.routes.documentation import documented, shown_as
from gateway.routes.forward import IDEMPOTENCY_KEY, PATH_TEXT, writing
from gateway.routes.ids import expect_ids_in_path
from gateway.routes.imports import file_pieces
from gateway.routes.render import answer, public
from gateway.routes.schemas import reply_model
from gateway.routes.table import Forward
from redress.intake.v1 import attachments_pb2 as pb

_ADDING = frozenset({"customer_service", "engineer", "quality", "manager", "channel"})
_READING = frozenset({"customer_service", "engineer", "quality", "manager"})
_OF_COMPLAINT = "/v1/complaints/{complaint_id}/attachments"
_ONE = "/v1/attachments/{attachment_id}"

ATTACHMENTS = [
    Forward("GET", _OF_COMPLAINT, "intake.ListAttachments", "Files of a complaint, oldest first"),
    Forward("GET", _ONE, "intake.GetAttachment", "What is known of a file"),
    Forward("POST", f"{_ONE}/remove", "intake.RemoveAttachment", "Take a file away; the record of it stays"),
]


@guarded(_ADDING, "streaming")
async def add_attachment(request: Request) -> Response:
    """multipart/form-data with `note` (optional) before `file`. Hashed, scanned and sealed as it arrives. The same
    bytes again are answered with the attachment that is there: it needs no Idempotency-Key."""
    complaint_id = request.path_params["complaint_id"]
    expect_ids_in_path({"complaint_id": complaint_id})
    if not request.headers.get("content-type", "").lower().startswith("multipart/form-data"):
        raise UnsupportedMediaType("the body must be multipart/form-data")
    door = door_of(request)
    settings = door.settings
    chunks = arriving(
        request, limit_bytes=settings.attachment_limit_bytes, idle_s=settings.import_idle_timeout_s, what="a file"
    )
    pieces = FormReader(request.headers["content-type"]).pieces(chunks)
    header = await _header(complaint_id, pieces)
    call, seconds = writing(request), settings.import_timeout_s
    kept: pb.Attachment = await upload(door.owners, call, seconds, "AddAttachment", header, file_pieces(pieces))
    location = {"Location": f"/v1/attachments/{kept.attachment_id}"}
    return answer(public(kept), 200 if kept.existing else 201, location)


async def _header(complaint_id: str, pieces: AsyncIterator[Piece]) -> pb.AttachmentHeader:
    note = ""
    async for piece in pieces:
        match piece:
            case FieldPart("note", value):
                note = value
            case FileStart("file", file_name):
                return pb.AttachmentHeader(complaint_id=complaint_id, name=file_name, note=note)
            case FieldPart(name, _) | FileStart(name, _):
                raise Invalid("the form does not fit", [FieldError(name, "is unknown")], slug="unknown_field")
    raise Invalid("the form has no file", [FieldError("file", "is missing")])


@guarded(_READING)
async def read_attachment(request: Request, attachment_id: PATH_TEXT) -> Response:
    """The bytes as they came; that they were read is in the audit trail. Always a download: nothing of it is shown or
    run in the name of this site."""
    expect_ids_in_path({"attachment_id": attachment_id})
    door = door_of(request)
    wanted, method = pb.GetAttachmentRequest(attachment_id=attachment_id), method_of("intake", "ReadAttachment")
    replies = door.owners.stream("intake", method, wanted, call_of(request), door.settings.import_timeout_s)
    first: Any = await anext(replies)
    shown: pb.Attachment = first.attachment
    return StreamingResponse(_chunks(replies), headers=_headers(shown), media_type="application/octet-stream")


def _headers(shown: pb.Attachment) -> dict[str, str]:
    """The name in both forms of RFC 6266: ASCII for old clients, UTF-8 for the others."""
    plain = "".join(c if c.isascii() and c.isprintable() and c not in '"\\%;' else "_" for c in shown.name) or "file"
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(shown.name or 'file', safe='')}"
    return {
        "Content-Disposition": named,
        "Content-Length": str(shown.size),
        "X-Content-Type-Options": "nosniff",
        "Content-Security-Policy": "sandbox; default-src 'none'",
        "Cache-Control": "no-store",
        "Repr-Digest": f"sha-256=:{_base64_of(shown.sha256)}:",
    }


def _base64_of(digest: str) -> str:
    return base64.b64encode(bytes.fromhex(digest)).decode()


async def _chunks(replies: AsyncIterator[Message]) -> AsyncIterator[bytes]:
    piece: Any
    async for piece in replies:
        yield piece.chunk


_FORM = {
    "type": "object",
    "required": ["file"],
    "additionalProperties": False,
    "properties": {
        "note": {"type": "string", "maxLength": 2000, "description": "What the file shows; before the file"},
        "file": {"type": "string", "contentMediaType": "application/octet-stream", "description": "The last part"},
    },
}


def add_routes(router: APIRouter) -> None:
    shown_as(add_attachment, complaint_id=PATH_TEXT, key=(IDEMPOTENCY_KEY, None))
    adding = documented(_ADDING, reply_model(pb.Attachment.DESCRIPTOR), 201, writes=True)
    adding["responses"][200] = {"description": "These bytes were there", "model": adding["response_model"]}
    adding["openapi_extra"]["requestBody"] = {"required": True, "content": {"multipart/form-data": {"schema": _FORM}}}
    router.add_api_route(
        _OF_COMPLAINT,
        add_attachment,
        methods=["POST"],
        summary="Attach a file to a complaint",
        operation_id="addAttachment",
        tags=["attachments"],
        **adding,
    )
    reading = documented(_READING, None, 200, writes=False)
    content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    reading["responses"][200] |= {"description": "The bytes as they came", "content": content}
    router.add_api_route(
        f"{_ONE}/content",
        read_attachment,
        methods=["GET"],
        summary="Download a file",
        operation_id="readAttachment",
        tags=["attachments"],
        response_class=Response,
        **reading,
    )
