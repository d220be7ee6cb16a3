"""Turns rows of the table into FastAPI routes: signature, schemas and documentation come from the proto."""

import inspect
from collections.abc import Awaitable, Callable, Iterable
from typing import Annotated, Any, Literal

import msgspec
from fastapi import APIRouter, Header, Path, Query
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from pydantic import AfterValidator, BaseModel
from starlette.requests import Request
from starlette.responses import Response

from chassis.call import Call
from chassis.messages import to_message
from gateway.edge.admission import Policy
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of, exchange_of
from gateway.edge.preconditions import ANY_ETAG_PATTERN, ETAG_PATTERN, KEY_PATTERN, idempotency_key, if_version
from gateway.routes.descriptors import message_type
from gateway.routes.documentation import Version, documented
from gateway.routes.ids import expect_ids, expect_ids_in_path
from gateway.routes.render import answer, page, public
from gateway.routes.schemas import body_model, page_model, query_model, reply_model, without_nul
from gateway.routes.table import KIND_PARAMETER, SERVICE_PARAMETER, VERSION_FIELD, Forward
from gateway.routes.vocabulary import JSON_TEXT
from redress.definitions.v1.kinds import KINDS

Endpoint = Callable[..., Awaitable[Response]]
IDEMPOTENCY_KEY = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        description="1..200 visible characters; the same key gives the first answer again",
        json_schema_extra={"pattern": KEY_PATTERN},
    ),
]
ServiceName = Literal["intake", "workflow", "capa", "notify", "analytics", "gateway"]
KindName = Literal["process", "calendar", "grading-table", "form", "kpi-catalogue", "letter-templates", "capa-rules"]
DEFINITION_NAME = Annotated[str, Path(pattern="^[a-z][a-z0-9_]{0,62}$")]
PATH_NUMBER = Annotated[int, Path(ge=1, le=999_999_999)]
PATH_TEXT = Annotated[str, Path(max_length=200), AfterValidator(without_nul)]
IF_MATCH = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the version you saw, e.g. "7"',
        json_schema_extra={"pattern": ETAG_PATTERN},
    ),
]
IF_MATCH_ANY = Annotated[
    str | None,
    Header(
        alias="If-Match",
        description='The ETag of the version you saw, e.g. "7"; left out, empty or `*` for whatever stands there',
        json_schema_extra={"pattern": ANY_ETAG_PATTERN},
    ),
]


def add_routes(router: APIRouter, rows: Iterable[Forward], tag: str) -> None:
    for row in rows:
        router.add_api_route(
            row.path,
            endpoint_of(row),
            methods=[row.verb],
            summary=row.summary,
            operation_id=row.operation_id,
            tags=[tag],
            **documented(row.roles, reply_schema(row), row.status, writes=row.writes, version=version_of(row)),
        )


def version_of(row: Forward) -> Version:
    if not row.takes_version:
        return "none"
    return "optional" if row.any_version else "required"


def reply_schema(row: Forward) -> type[BaseModel]:
    return page_model(message_type(row.listed)) if row.listed else reply_model(row.method.output_type)


def endpoint_of(row: Forward) -> Endpoint:
    async def endpoint(request: Request, **given: Any) -> Response:
        message = message_of(row, given, asking=exchange_of(request).actor)
        if row.completed is not None:
            await row.completed(request, message)
        reply = await ask(request, row, message, _named_service(row, given))
        return rendered(row, reply, request)

    endpoint.__signature__ = inspect.Signature(_parameters(row))  # type: ignore[attr-defined]
    endpoint.__name__ = row.name
    endpoint.policy = Policy(row.roles)  # type: ignore[attr-defined]
    return endpoint


def _named_service(row: Forward, given: dict[str, Any]) -> str:
    return KINDS[given[KIND_PARAMETER]] if row.names_kind else given.get(SERVICE_PARAMETER, "")


async def ask(request: Request, row: Forward, message: Message, service: str = "") -> Message:
    door = door_of(request)
    call = writing(request) if row.writes else call_of(request)
    seconds = door.settings.write_timeout_s if row.writes else door.settings.read_timeout_s
    target = service or row.service or row.owner
    if target == "gateway":
        return await door.own_admin.ask(row.name, message, call)
    return await door.owners.ask(target, row.method, message, call, seconds)


def writing(request: Request) -> Call:
    return call_of(request, idempotency_key(request.headers.get("idempotency-key")))


def message_of(row: Forward, given: dict[str, Any], *, asking: str) -> Message:
    """The owner's request: path and body by name, flattened fields back in their wrapper, If-Match as if_version."""
    expect_ids_in_path({name: given[name] for name in row.path_fields})
    values: dict[str, Any] = {target: given[name] for name, target in row.path_fields.items()}
    content: BaseModel | None = given.get("body") or given.get("query")
    sent = content.model_dump(exclude_none=True) if content else {}
    expect_ids(sent)
    for name, value in sent.items():
        wrapper = row.nested_in(name)
        target = values.setdefault(wrapper, {}) if wrapper else values
        target[name] = asking if (name, value, row.verb) == ("assignee", "me", "GET") else value
    if row.takes_version:
        values[VERSION_FIELD] = if_version(given.get("if_match"), required=not row.any_version)
    return to_message(GetMessageClass(row.method.input_type), _closed(row, values))


def _closed(row: Forward, values: dict[str, Any]) -> dict[str, Any]:
    """Objects that the proto carries as JSON text."""
    texts = (f.name for f in row.method.input_type.fields if f.full_name in JSON_TEXT and f.name in values)
    return values | {name: msgspec.json.encode(values[name]).decode() for name in texts}


def rendered(row: Forward, reply: Message, request: Request) -> Response:
    if row.listed:
        return answer(page(list(getattr(reply, row.listed.name)), getattr(reply, "next_cursor", "")), row.status)
    content = public(reply)
    headers = {"Location": row.location.format(**content)} if row.location else {}
    if_none_match = request.headers.get("if-none-match", "") if row.verb == "GET" else ""
    return answer(content, row.status, headers, if_none_match)


def _parameters(row: Forward) -> list[inspect.Parameter]:
    kind = inspect.Parameter.KEYWORD_ONLY
    found = [inspect.Parameter("request", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=Request)]
    if row.names_service:
        found.append(inspect.Parameter(SERVICE_PARAMETER, kind, annotation=ServiceName))
    found += [inspect.Parameter(name, kind, annotation=_of_path(row, name)) for name in row.path_fields]
    if row.given:
        model = (body_model if row.writes else query_model)(f"{row.name}{'Body' if row.writes else 'Query'}", row.given)
        if row.writes:
            found.append(_body_parameter(model))
        else:
            found.append(inspect.Parameter("query", kind, annotation=Annotated[model, Query()]))
    if row.takes_version:
        seen = IF_MATCH_ANY if row.any_version else IF_MATCH
        found.append(inspect.Parameter("if_match", kind, annotation=seen, default=None))
    if row.writes:
        found.append(inspect.Parameter("key", kind, annotation=IDEMPOTENCY_KEY, default=None))
    return found


def _of_path(row: Forward, name: str) -> Any:
    if row.names_kind and name in (KIND_PARAMETER, "name"):
        return KindName if name == KIND_PARAMETER else DEFINITION_NAME
    field = row.method.input_type.fields_by_name[row.path_fields[name]]
    return PATH_NUMBER if field.type == FieldDescriptor.TYPE_INT32 else PATH_TEXT


def _body_parameter(model: type[BaseModel]) -> inspect.Parameter:
    """A body of which nothing is required may be missing."""
    kind = inspect.Parameter.KEYWORD_ONLY
    if any(field.is_required() for field in model.model_fields.values()):
        return inspect.Parameter("body", kind, annotation=model)
    optional: Any = model | None
    return inspect.Parameter("body", kind, annotation=optional, default=None)
