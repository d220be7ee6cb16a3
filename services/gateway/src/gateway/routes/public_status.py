"""Where a complaint stands, for whoever holds its link."""

import asyncio
from datetime import datetime
from typing import Annotated, Literal

import msgspec
from fastapi import APIRouter, Path
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.errors import RedressError
from chassis.links import Link
from gateway.adapters.contracts import SERVICES
from gateway.app.principal import NOBODY
from gateway.app.public_status import PublicStatus, public_status
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.routes.documentation import REFUSALS, documented
from gateway.routes.pages import broken_if_missing, page, sorry_page
from redress.intake.v1.intake_pb2 import Complaint, GetComplaintRequest
from redress.workflow.v1.workflow_pb2 import Case, GetCaseRequest

PURPOSE = "status"
TOKEN = Annotated[str, Path(max_length=2000, description="As it stands in the link of a letter; it is the credential")]
_GET_CASE = SERVICES["workflow"].methods_by_name["GetCase"]
_GET_COMPLAINT = SERVICES["intake"].methods_by_name["GetComplaint"]

StageName = Literal["received", "examined", "cause", "measures", "checked", "closed", "in_progress"]


class PublicStep(BaseModel):
    step: str = Field(description="received | answered | reopened | closed, or the stage that began")
    at: datetime


class PublicEnding(BaseModel):
    outcome: str = Field(description="resolved | not_justified | withdrawn | no_trouble_found | duplicate | …")
    remedy: str | None
    at: datetime


class PublicStatusReply(BaseModel):
    number: str
    received_at: datetime
    stage: StageName
    steps: list[StageName]
    paused: bool
    first_answer_by: datetime | None
    first_answer_at: datetime | None
    expected_by: datetime | None
    overdue: bool
    last_step: PublicStep
    ending: PublicEnding | None


@guarded(NOBODY, "page", sorry_page)
async def status_page(request: Request) -> Response:
    link, status = await _looked_up(request, request.path_params["token"])
    return page(request, "status.html", link.language, status=200, case=status)


@guarded(NOBODY)
async def get_public_status(request: Request, token: TOKEN) -> Response:
    """Without credentials: the token of the link is one, for this complaint alone."""
    _, status = await _looked_up(request, token)
    return Response(msgspec.json.encode(status), media_type="application/json")


async def _looked_up(request: Request, token: str) -> tuple[Link, PublicStatus]:
    """Raises LinkBroken, LinkExpired, Unavailable."""
    door = door_of(request)
    link = await door.links.read(token, PURPOSE)
    seconds, traceparent = door.settings.read_timeout_s, exchange_of(request).traceparent
    try:
        case, complaint = await asyncio.gather(
            door.owners.ask_ourselves(
                "workflow", _GET_CASE, GetCaseRequest(case_id=link.subject), traceparent, seconds
            ),
            door.owners.ask_ourselves(
                "intake", _GET_COMPLAINT, GetComplaintRequest(complaint_id=link.subject), traceparent, seconds
            ),
        )
    except RedressError as error:
        raise broken_if_missing(error) from error
    assert isinstance(case, Case)
    assert isinstance(complaint, Complaint)
    return link, public_status(case, complaint)


def add_routes(router: APIRouter) -> None:
    router.add_api_route("/status/{token}", status_page, methods=["GET"], include_in_schema=False)
    documentation = documented(NOBODY, PublicStatusReply, 200, writes=False)
    documentation["responses"].pop(401, None)
    documentation["responses"][410] = {"description": REFUSALS[410]}
    router.add_api_route(
        "/v1/public/status/{token}",
        get_public_status,
        methods=["GET"],
        summary="Where a complaint stands, by the link of its customer",
        operation_id="getPublicStatus",
        tags=["public"],
        **documentation,
    )
