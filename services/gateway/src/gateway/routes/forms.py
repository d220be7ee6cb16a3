"""Forms: what a builder needs, drafts to publication, and complaints that come as answers to one."""

from datetime import datetime
from typing import Annotated

import msgspec
from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from chassis.messages import to_dict, to_message
from gateway.app.principal import ADMIN, CHANNEL, STAFF
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.routes import schemas
from gateway.routes.documentation import documented
from gateway.routes.forward import DEFINITION_NAME, IDEMPOTENCY_KEY, writing
from gateway.routes.render import answer
from gateway.routes.schemas import JsonObject, Text, Time, reply_model
from gateway.routes.table import Forward
from redress.intake.v1 import intake_pb2

_ONE, _DRAFT, _ANSWERS = "/v1/forms/{name}", "/v1/forms/{name}/draft", "/v1/complaints/{complaint_id}/form"
_FILLING = STAFF | CHANNEL

FORMS = [
    Forward("GET", "/v1/form-palette", "intake.GetFormPalette", "What a builder of forms offers"),
    Forward("GET", "/v1/forms", "intake.ListForms", "Every form, with its draft where it has one", roles=_FILLING),
    Forward("GET", _ONE, "intake.GetForm", "The newest version", roles=_FILLING, hidden=frozenset({"version"})),
    Forward(
        "GET",
        f"{_ONE}/versions/{{version}}",
        "intake.GetForm",
        "One version, as it was published",
        roles=_FILLING,
        operation="getFormVersion",
    ),
    Forward("POST", f"{_ONE}/check", "intake.CheckForm", "Judge answers, keep nothing", roles=_FILLING),
    Forward("GET", _DRAFT, "intake.GetFormDraft", "Work in progress, and what keeps it from being published"),
    Forward("PUT", _DRAFT, "intake.SaveFormDraft", "Save work in progress, also with faults", any_version=True),
    Forward("POST", f"{_DRAFT}/discard", "intake.DiscardFormDraft", "Discard the draft"),
    Forward(
        "POST", f"{_DRAFT}/simulate", "intake.SimulateForm", "Try samples and the newest records against the draft"
    ),
    Forward(
        "POST", f"{_DRAFT}/publish", "intake.PublishForm", "Publish; complaints keep the version they have", roles=ADMIN
    ),
    Forward(
        "POST", f"{_ONE}/retire", "intake.RetireForm", "End new use; what was filled in is still read", roles=ADMIN
    ),
]

ANSWERS = [
    Forward("GET", _ANSWERS, "intake.GetComplaintForm", "A complaint's answers, with the form they were given by"),
    Forward("PATCH", _ANSWERS, "intake.AmendComplaintForm", "Add or correct answers, e.g. those of a later stage"),
]


class FilledInBody(schemas.Request):
    form_data: Annotated[JsonObject, Field(description="Answers by the keys of the form's fields")]
    form_version: Annotated[int, Field(ge=1, le=schemas.INT32_MAX, strict=True)] | None = Field(
        None, description="As it was shown; the newest when absent"
    )
    channel: Text = Field("web", examples=["phone"], description="How it came; or channel_id")
    channel_id: Text | None = Field(None, description="Of the registry of channels")
    language: Text = Field("", json_schema_extra={"enum": ["zh", "en", ""]}, description="The customer's")
    external_id: Text | None = Field(None, description="The channel's own id, unique per channel")
    t_received: Time | None = Field(None, description="When it reached any channel; now when absent")


@guarded(_FILLING)
async def register_by_form(
    request: Request, name: DEFINITION_NAME, body: FilledInBody, key: IDEMPOTENCY_KEY = None
) -> Response:
    """Answers are checked by the form, in the version that is named; what the form binds becomes facts of the
    complaint, graded and matched like any other. Safe to send again with the same Idempotency-Key, or the same channel
    and external_id."""
    command = command_of(name, body)
    registered = await door_of(request).batches.register(command, writing(request))
    headers = {"Location": f"/v1/complaints/{registered.complaint_id}"}
    return answer(to_dict(registered), 200 if registered.existing else 201, headers)


def command_of(name: str, body: FilledInBody) -> intake_pb2.RegisterCommand:
    values: dict[str, str | int | datetime | None] = body.model_dump(exclude_none=True)
    data = msgspec.json.encode(body.form_data).decode()
    return to_message(intake_pb2.RegisterCommand, values | {"form": name, "form_data": data})


def add_routes(router: APIRouter) -> None:
    documentation = documented(_FILLING, reply_model(intake_pb2.Registered.DESCRIPTOR), 201, writes=True)
    known = {"description": "Known already by channel and external_id", "model": documentation["response_model"]}
    documentation["responses"][200] = known
    router.add_api_route(
        f"{_ONE}/complaints",
        register_by_form,
        methods=["POST"],
        summary="Register a complaint by answers to a form",
        operation_id="registerByForm",
        tags=["forms"],
        **documentation,
    )
