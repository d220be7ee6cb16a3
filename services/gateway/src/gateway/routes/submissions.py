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
_ENDINGS = {"message/rfc822": "eml", "application/json": "json", "application/xml": "xml", "text/xml": "xml"}
_RAW_READERS = frozenset({"customer_service", "quality"})

SUBMISSIONS = [
    Forward("GET", "/v1/submissions", "intake.ListSubmissions", "What came by channels, newest first"),
    Forward("GET", "/v1/submission-totals", "intake.CountSubmissions", "How many came, and what became of them"),
    Forward("GET", "/v1/mailboxes", "intake.ListMailboxes", "How far mailboxes were read, and what is in the way"),
    Forward("GET", _ONE, "intake.GetSubmission", "One submission as a person reads it, and what it became"),
    Forward("POST", f"{_ONE}/promote", "intake.PromoteSubmission", "Register it as one complaint or several"),
    Forward("POST", f"{_ONE}/attach", "intake.AttachSubmission", "Keep a parked one as a contact of a complaint"),
    Forward("POST", f"{_ONE}/merge", "intake.MergeSubmission", "It tells again what a known complaint tells"),
    Forward("POST", f"{_ONE}/reject", "intake.RejectSubmission", "A parked one is no complaint, with the reason"),
]


@guarded(_RAW_READERS)
async def read_raw(request: Request, submission_id: PATH_TEXT) -> Response:
    """The bytes as they came, whatever the channel, for evidence; that they were read is in the audit trail."""
    expect_ids_in_path({"submission_id": submission_id})
    first = await _piece(request, submission_id, 0)
    headers = {
        "Content-Disposition": f'attachment; filename="{submission_id}.{_ENDINGS.get(first.content_type, "bin")}"',
        "Content-Length": str(first.size),
    }
    return StreamingResponse(
        _pieces(request, submission_id, first), headers=headers, media_type=first.content_type or "message/rfc822"
    )


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
    content = {"*/*": {"schema": {"type": "string", "format": "binary"}}}
    documentation["responses"][200] |= {"description": "The raw submission", "content": content}
    router.add_api_route(
        f"{_ONE}/raw",
        read_raw,
        methods=["GET"],
        summary="The raw bytes of a submission",
        operation_id="readSubmissionRaw",
        tags=["submissions"],
        response_class=Response,
        **documentation,
    )
