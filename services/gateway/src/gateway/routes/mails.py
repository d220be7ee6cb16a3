"""POST /v1/channels/mail/messages: a raw mail goes through to intake as it arrives."""

from typing import Annotated

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import FieldError, Invalid
from gateway.adapters.upload import upload
from gateway.edge.arriving import arriving
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.edge.refusals import UnsupportedMediaType
from gateway.routes.documentation import documented, shown_as
from gateway.routes.forward import IDEMPOTENCY_KEY, writing
from gateway.routes.render import answer, public
from gateway.routes.schemas import reply_model
from redress.intake.v1 import intake_pb2

_SENDERS = frozenset({"channel", "customer_service"})
_KINDS = ("message/rfc822", "message/global")
_MOST = {"product_family": 100, "channel_id": 63}
PRODUCT_FAMILY = Annotated[
    str | None,
    Query(max_length=_MOST["product_family"], description="Of a mailbox for one product; unspecified when absent"),
]

CHANNEL_ID = Annotated[
    str | None,
    Query(max_length=_MOST["channel_id"], description="A mail channel of the registry, where there are several"),
]


@guarded(_SENDERS, "streaming")
async def receive_mail(request: Request) -> Response:
    """The raw bytes of one mail, as the mail server has them. Kept as they are; registered as a complaint, or parked
    with a reason (a bounce, an automatic answer, nobody to answer, …) for a person to see. Delivered twice, also with
    other trace headers, it is one submission with one answer: it needs no Idempotency-Key."""
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _KINDS:
        problem = FieldError("Content-Type", "must be message/rfc822")
        raise UnsupportedMediaType("the body must be a raw mail", fields=[problem])
    header = _header(request)
    door = door_of(request)
    settings = door.settings
    chunks = arriving(
        request, limit_bytes=settings.mail_limit_bytes, idle_s=settings.import_idle_timeout_s, what="a mail"
    )
    receipt = await upload(door.owners, writing(request), settings.mail_timeout_s, "ReceiveMail", header, chunks)
    location = {"Location": f"/v1/submissions/{receipt.submission_id}"}
    return answer(public(receipt), 200 if receipt.existing else 201, location)


def _header(request: Request) -> intake_pb2.MailHeader:
    for name, value in request.query_params.items():
        if name not in _MOST:
            raise Invalid("the query does not fit", [FieldError(name, "is unknown")], slug="unknown_field")
        if len(value) > _MOST[name] or not value.isprintable():
            fault = FieldError(name, f"at most {_MOST[name]} printable characters")
            raise Invalid("the query does not fit", [fault])
    return intake_pb2.MailHeader(**dict(request.query_params))


def add_routes(router: APIRouter) -> None:
    shown_as(
        receive_mail, product_family=(PRODUCT_FAMILY, None), channel_id=(CHANNEL_ID, None), key=(IDEMPOTENCY_KEY, None)
    )
    documentation = documented(_SENDERS, reply_model(intake_pb2.SubmissionReceipt.DESCRIPTOR), 201, writes=True)
    documentation["responses"][200] = {
        "description": "This mail was delivered before",
        "model": documentation["response_model"],
    }
    content = {kind: {"schema": {"type": "string", "format": "binary"}} for kind in _KINDS}
    documentation["openapi_extra"]["requestBody"] = {"required": True, "content": content}
    router.add_api_route(
        "/v1/channels/mail/messages",
        receive_mail,
        methods=["POST"],
        summary="Hand in a raw mail",
        operation_id="receiveMail",
        tags=["submissions"],
        **documentation,
    )
