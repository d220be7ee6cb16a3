from typing import Annotated

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import NotFound
from gateway.app.principal import Principal
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.routes.complaints import ONE_COMPLAINT
from gateway.routes.documentation import documented
from gateway.routes.forward import PATH_TEXT, ask, message_of, reply_schema
from gateway.routes.render import answer, public
from redress.intake.v1.intake_pb2 import Complaint

# How we work on it is ours: other complaints' ids, our verdicts, our people, what our files keep beside it, and who
# else is the same person.
_NOT_FOR_CHANNELS = frozenset(
    {"proposals", "gradings", "contacts", "signature", "repeat_level", "registered_by", "merged_into", "source_facts"}
    | {"person_id", "missing_answers"}
)
IF_NONE_MATCH = Annotated[str | None, Header(alias="If-None-Match", description="304 when you hold this version")]


@guarded(ONE_COMPLAINT.roles)
async def get_complaint(request: Request, complaint_id: PATH_TEXT, if_none_match: IF_NONE_MATCH = None) -> Response:
    """By id or number. A channel sees what it sent in itself, without how we work on it."""
    message = message_of(ONE_COMPLAINT, {"complaint_id": complaint_id}, asking="")
    complaint = await ask(request, ONE_COMPLAINT, message)
    principal = exchange_of(request).principal
    assert isinstance(complaint, Complaint)
    assert principal is not None
    content = public(complaint)
    if not principal.is_staff:
        content = _for_channel(principal, content)
    return answer(content, if_none_match=if_none_match or "")


def _for_channel(principal: Principal, content: dict[str, object]) -> dict[str, object]:
    if content["registered_by"] != principal.actor:
        raise NotFound("there is no such complaint")
    return {name: value for name, value in content.items() if name not in _NOT_FOR_CHANNELS}


def add_routes(router: APIRouter) -> None:
    router.add_api_route(
        ONE_COMPLAINT.path,
        get_complaint,
        methods=["GET"],
        summary=ONE_COMPLAINT.summary,
        operation_id=ONE_COMPLAINT.operation_id,
        tags=["complaints"],
        **documented(ONE_COMPLAINT.roles, reply_schema(ONE_COMPLAINT), 200, writes=False),
    )
