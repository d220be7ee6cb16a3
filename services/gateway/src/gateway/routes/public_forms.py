"""Forms on the open web, as JSON for sites that build their own page: no credentials, but a token, limits, a decoy."""

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

import msgspec
from fastapi import APIRouter
from pydantic import BaseModel, Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.call import Call
from chassis.errors import FieldError, Invalid, TooManyRequests
from gateway.adapters.contracts import method_of
from gateway.app import form_token
from gateway.app.form_token import FormToken
from gateway.app.principal import NOBODY
from gateway.edge.door import door_of
from gateway.edge.exchange import exchange_of
from gateway.edge.guarded_route import guarded
from gateway.edge.networks import network_of
from gateway.routes import schemas
from gateway.routes.documentation import documented
from gateway.routes.forward import DEFINITION_NAME
from gateway.routes.render import answer
from gateway.routes.schemas import JsonObject, Text
from redress.intake.v1 import intake_pb2
from redress.intake.v1.forms_pb2 import Form, GetPublicFormRequest

_ROLES = frozenset({"channel", "public"})
_GET = method_of("intake", "GetPublicForm")
_PATH = "/v1/public/forms/{name}"
_USUAL = {"origins": (), "per_minute": 60, "per_address_per_minute": 6, "least_seconds": 3, "thanks": None}
_BURST = 3.0


@dataclass(frozen=True)
class PublicForm:
    """What intake shows of a form to anybody, opened."""

    form: Form
    document: Mapping[str, Any]
    layout: Mapping[str, Any]

    @property
    def public(self) -> Mapping[str, Any]:
        said: Mapping[str, Any] = self.document["public"]
        return said


class PublicFormReply(BaseModel):
    name: str
    version: int
    label: dict[str, str]
    help: dict[str, str] | None
    fields: list[dict[str, Any]] = Field(description="As the form's document has them, bilingual")
    json_schema: dict[str, Any]
    layout: dict[str, Any]
    token: str = Field(description="Send it back with the answers, at least `least_seconds` later")
    least_seconds: int


class PublicAnswersBody(schemas.Request):
    form_data: Annotated[JsonObject, Field(description="Answers by the keys of the form's fields")]
    token: Annotated[str, Field(max_length=200, description="As it came with the form")]
    language: Text = Field("", json_schema_extra={"enum": ["zh", "en", ""]}, description="The customer's")
    website: Text = Field("", description="Must stay empty: only machines see this field")


class PublicAnswersReply(BaseModel):
    number: str
    thanks: dict[str, str] | None


async def fetched(
    request: Request, name: str, version: int = 0, answers: Mapping[str, Any] | None = None
) -> PublicForm:
    """Raises NotFound for what is no public form, Conflict for one that is retired."""
    door = door_of(request)
    wanted = GetPublicFormRequest(name=name, version=version, form_data=msgspec.json.encode(answers or {}).decode())
    traceparent, seconds = exchange_of(request).traceparent, door.settings.read_timeout_s
    form = await door.owners.ask_ourselves("intake", _GET, wanted, traceparent, seconds)
    assert isinstance(form, Form)
    document = {"help": None, **json.loads(form.document)}
    return PublicForm(form, document | {"public": _USUAL | document["public"]}, json.loads(form.layout))


def token_of(request: Request, name: str, text: str) -> FormToken:
    return form_token.read(text, name, door_of(request).settings.key_pepper)


def new_token(request: Request, found: PublicForm) -> str:
    return form_token.issued(found.form.name, found.form.version, time.time(), door_of(request).settings.key_pepper)


async def register(
    request: Request, found: PublicForm, token: FormToken, answers: Mapping[str, Any], language: str
) -> intake_pb2.Registered:
    """Once per token: sent again, the first answer comes again. Raises TooManyRequests, and what intake refuses."""
    form_token.check_age(token, time.time(), found.public["least_seconds"])
    _limit(request, found)
    command = intake_pb2.RegisterCommand(
        channel="web",
        language=language,
        form=found.form.name,
        form_version=found.form.version,
        form_data=msgspec.json.encode(answers).decode(),
    )
    call = Call(
        f"form:{found.form.name}",
        roles=_ROLES,
        idempotency_key=f"form-{token.nonce}",
        traceparent=exchange_of(request).traceparent,
    )
    return await door_of(request).batches.register(command, call)


def _limit(request: Request, found: PublicForm) -> None:
    door, name = door_of(request), found.form.name
    address = network_of(exchange_of(request).client)
    for key, per_minute in (
        (f"{name}/{address}", found.public["per_address_per_minute"]),
        (name, found.public["per_minute"]),
    ):
        if wait := door.form_rates.take(key, per_minute / 60, max(_BURST, per_minute / 6)):
            door.metrics.limited.inc()
            raise TooManyRequests("too many complaints by this form; slow down", retry_after=max(1, round(wait)))


def refuse_decoy(website: str) -> None:
    if website:
        raise Invalid("this looks like a machine", [FieldError("website", "must stay empty")], slug="decoy")


@guarded(NOBODY)
async def get_public_form(request: Request, name: DEFINITION_NAME) -> Response:
    """What a page of one's own needs to show the form in both languages; the token holds for a day and for one
    complaint. The same form as a finished page, also for an iframe: `/forms/{name}`."""
    found = await fetched(request, name)
    reply = {
        "name": name,
        "version": found.form.version,
        "token": new_token(request, found),
        **{key: found.document[key] for key in ("label", "help", "fields")},
        "json_schema": json.loads(found.form.json_schema),
        "layout": found.layout,
        "least_seconds": found.public["least_seconds"],
    }
    return _for_its_sites(request, found, answer(reply))


@guarded(NOBODY)
async def answer_public_form(request: Request, name: DEFINITION_NAME, body: PublicAnswersBody) -> Response:
    """Registers a complaint. Sending the same answers with the same token again gives the same number."""
    refuse_decoy(body.website)
    token = token_of(request, name, body.token)
    found = await fetched(request, name, token.version)
    registered = await register(request, found, token, body.form_data, body.language)
    reply = {"number": registered.number, "thanks": found.public["thanks"]}
    return _for_its_sites(request, found, answer(reply, 201))


@guarded(NOBODY)
async def preflight(request: Request, name: DEFINITION_NAME) -> Response:
    return _for_its_sites(request, await fetched(request, name), Response(status_code=204))


def _for_its_sites(request: Request, found: PublicForm, response: Response) -> Response:
    """A script may read the answer on the sites that the form names, and nowhere else."""
    response.headers["Vary"] = "Origin"
    if (origin := request.headers.get("origin", "")) in found.public["origins"]:
        response.headers["Access-Control-Allow-Origin"] = origin
        response.headers["Access-Control-Allow-Methods"] = "GET, POST"
        response.headers["Access-Control-Allow-Headers"] = "Content-Type"
        response.headers["Access-Control-Max-Age"] = "600"
    return response


def add_routes(router: APIRouter) -> None:
    for endpoint, verb, reply, status, summary, operation in (
        (get_public_form, "GET", PublicFormReply, 200, "A form for the public, to be shown", "getPublicForm"),
        (answer_public_form, "POST", PublicAnswersReply, 201, "Complain by a form for the public", "answerPublicForm"),
    ):
        documentation = documented(NOBODY, reply, status, writes=verb == "POST")
        documentation["responses"].pop(401, None)
        documentation["responses"][409] = {
            "description": "The form is retired, or the token was used for other answers"
        }
        documentation["responses"][status].pop("headers", None)
        router.add_api_route(
            _PATH,
            endpoint,
            methods=[verb],
            summary=summary,
            operation_id=operation,
            tags=["public"],
            **documentation,
        )
    router.add_api_route(_PATH, preflight, methods=["OPTIONS"], include_in_schema=False)
