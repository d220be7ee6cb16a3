"""What came in by mail and waits for a person, and the mails themselves."""

from collections.abc import AsyncIterator

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from gateway.adapters.contracts import SERVICES
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from gateway.edge.guarded_route import guarded
from gateway.routes.documentation import documented
from gateway.routes.forward import PATH_TEXT
from gateway.routes.ids import expect_ids_in_path
from gateway.routes.table import Forward
from redress.intake.v1 import intake_pb2

_ONE = "/v1/submissions/{submission_id}"
_RAW_READERS = frozenset({"customer_service", "quality"})

SUBMISSIONS = [
    Forward("GET", "/v1/submissions", "intake.ListSubmissions", "Mails that came in, newest first"),
    Forward("GET", _ONE, "intake.GetSubmission", "One mail as a person reads it, its facts and attachments"),
    Forward("POST", f"{_ONE}/promote", "intake.PromoteSubmission", "Register a parked mail as a complaint"),
    Forward("POST", f"{_ONE}/attach", "intake.AttachSubmission", "Keep a parked mail as a contact of a complaint"),
    Forward("POST", f"{_ONE}/reject", "intake.RejectSubmission", "A parked mail is no complaint, with the reason"),
]


@guarded(_RAW_READERS)
async def read_raw(request: Request, submission_id: PATH_TEXT) -> Response:
    """The bytes as they came, for evidence; that they were read is in the audit trail."""
    expect_ids_in_path({"submission_id": submission_id})
    first = await _piece(request, submission_id, 0)
    headers = {
        "Content-Disposition": f'attachment; filename="{submission_id}.eml"',
        "Content-Length": str(first.size),
    }
    return StreamingResponse(_pieces(request, submission_id, first), headers=headers, media_type="message/rfc822")


async def _pieces(request: Request, submission_id: str, first: intake_pb2.SubmissionPiece) -> AsyncIterator[bytes]:
    piece, sent = first, 0
    while piece.piece:
        yield piece.piece
        sent += len(piece.piece)
        if sent >= first.size:
            return
        piece = await _piece(request, submission_id, sent)


async def _piece(request: Request, submission_id: str, offset: int) -> intake_pb2.SubmissionPiece:
    door = door_of(request)
    method = SERVICES["intake"].methods_by_name["ReadSubmission"]
    wanted = intake_pb2.ReadSubmissionRequest(submission_id=submission_id, offset=offset)
    piece = await door.owners.ask("intake", method, wanted, call_of(request), door.settings.read_timeout_s)
    assert isinstance(piece, intake_pb2.SubmissionPiece)
    return piece


def add_routes(router: APIRouter) -> None:
    documentation = documented(_RAW_READERS, None, 200, writes=False)
    content = {"message/rfc822": {"schema": {"type": "string", "format": "binary"}}}
    documentation["responses"][200] |= {"description": "The raw mail", "content": content}
    router.add_api_route(
        f"{_ONE}/raw",
        read_raw,
        methods=["GET"],
        summary="The raw bytes of a mail",
        operation_id="readSubmissionRaw",
        tags=["submissions"],
        response_class=Response,
        **documentation,
    )
