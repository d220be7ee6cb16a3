"""The list of complaints: whoever works here has it open, so its page is passed on as its owner wrote it."""

import json
from functools import partial
from typing import Annotated

import msgspec
from fastapi import APIRouter, Query
from fastapi.exceptions import RequestValidationError
from google.protobuf.message import Message
from pydantic import ValidationError
from starlette.requests import Request
from starlette.responses import Response

from gateway.app.principal import STAFF
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from gateway.edge.guarded_route import guarded
from gateway.routes.documentation import documented, shown_as
from gateway.routes.forward import ask, message_of, rendered, reply_schema
from gateway.routes.schemas import query_model
from gateway.routes.table import Forward
from redress.intake.v1 import search_pb2

NEWEST = Forward(
    "GET",
    "/v1/complaints",
    "intake.SearchComplaints",
    "Complaints, newest first: those with all words, and of all given values",
    hidden=frozenset({"as_json"}),
    operation="listComplaints",
)
QUERY = query_model("ListComplaintsQuery", NEWEST.given)


@guarded(STAFF, "hot")
async def list_complaints(request: Request) -> Response:
    """Without gradings, proposals and contacts; ask for one complaint to see them. `words` finds Chinese and English in
    the description and in coded fields, in any form of a word; what was registered a moment ago is found, too."""
    try:
        query = QUERY.model_validate(dict(request.query_params))
    except ValidationError as error:
        found = [each | {"loc": ("query", *each["loc"])} for each in error.errors()]
        raise RequestValidationError(found) from None
    wanted = message_of(NEWEST, {"query": query}, asking="")
    assert isinstance(wanted, search_pb2.SearchComplaintsRequest)
    wanted.as_json = True
    reply = await door_of(request).reads.ask(_depends_on(request, wanted), partial(ask, request, NEWEST, wanted))
    return _passed_on(reply, request)


def _depends_on(request: Request, wanted: Message) -> tuple[str, ...]:
    """What staff see in the list depends on their rights, not on who they are."""
    call = call_of(request)
    rights = (*sorted(call.roles), call.department or "", json.dumps(call.scope, sort_keys=True))
    return (*rights, wanted.SerializeToString(deterministic=True).hex())


def _passed_on(reply: Message, request: Request) -> Response:
    assert isinstance(reply, search_pb2.SearchComplaintsReply)
    if not reply.json:  # an owner of before this field
        return rendered(NEWEST, reply, request)
    cursor = msgspec.json.encode(reply.next_cursor or None)
    return Response(b'{"items":%b,"next_cursor":%b}' % (reply.json, cursor), media_type="application/json")


def add_routes(router: APIRouter) -> None:
    shown_as(list_complaints, query=Annotated[QUERY, Query()])
    router.add_api_route(
        NEWEST.path,
        list_complaints,
        methods=[NEWEST.verb],
        summary=NEWEST.summary,
        operation_id=NEWEST.operation_id,
        tags=["complaints"],
        **documented(NEWEST.roles, reply_schema(NEWEST), NEWEST.status, writes=False),
    )
