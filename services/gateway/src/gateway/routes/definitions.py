"""Definitions of every kind: each owner has its own, the list shows those of all."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from gateway.adapters.contracts import SERVICES
from gateway.app.principal import ADMIN, STAFF
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from gateway.edge.guarded_route import guarded
from gateway.routes import schemas
from gateway.routes.documentation import documented
from gateway.routes.forward import KindName
from gateway.routes.render import answer, page
from gateway.routes.schemas import page_model
from gateway.routes.table import Forward
from redress.definitions.v1 import definitions_pb2 as pb
from redress.definitions.v1.kinds import KINDS

_ONE = "/v1/definitions/{kind}/{name}"

DEFINITIONS = [
    Forward("GET", _ONE, "definitions.GetDefinition", "What is published now", hidden=frozenset({"version"})),
    Forward("GET", f"{_ONE}/versions", "definitions.ListDefinitionVersions", "Every version, newest first"),
    Forward(
        "GET",
        f"{_ONE}/versions/{{version}}",
        "definitions.GetDefinition",
        "One version, as it was published",
        operation="getDefinitionVersion",
    ),
    Forward(
        "POST",
        f"{_ONE}/plan",
        "definitions.PlanDefinition",
        "What publishing would change, also for the work that runs",
        roles=ADMIN,
    ),
    Forward(
        "PUT",
        _ONE,
        "definitions.PublishDefinition",
        "Publish; running work keeps the version it began with",
        roles=ADMIN,
        any_version=True,
    ),
]


class ListDefinitionsQuery(schemas.Request):
    kind: KindName | None = Field(None, description="Of this kind only")


@guarded(STAFF)
async def list_definitions(request: Request, query: Annotated[ListDefinitionsQuery, Query()]) -> Response:
    door, method = door_of(request), SERVICES["definitions"].methods_by_name["ListDefinitions"]
    call, seconds = call_of(request), door_of(request).settings.read_timeout_s
    owners = {KINDS[query.kind]} if query.kind else dict.fromkeys(KINDS.values())
    message = pb.ListDefinitionsRequest(kind=query.kind)
    replies = await asyncio.gather(*(door.owners.ask(owner, method, message, call, seconds) for owner in owners))
    return answer(page([one for reply in replies for one in reply.definitions], ""))  # type: ignore[attr-defined]


def add_routes(router: APIRouter) -> None:
    router.add_api_route(
        "/v1/definitions",
        list_definitions,
        methods=["GET"],
        summary="The newest version of every definition, without documents",
        operation_id="listDefinitions",
        tags=["definitions"],
        **documented(STAFF, page_model(pb.Definition.DESCRIPTOR), 200, writes=False),
    )
