"""The two hottest writes: the body is decoded once by msgspec, the call joins the batch that leaves next."""

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from chassis.messages import to_dict
from gateway.app.principal import CHANNEL, STAFF
from gateway.edge.door import door_of
from gateway.edge.guarded_route import guarded
from gateway.edge.preconditions import if_version
from gateway.routes import complaint_body, completion_body
from gateway.routes.decoding import decoded
from gateway.routes.documentation import documented, shown_as
from gateway.routes.forward import IDEMPOTENCY_KEY, IF_MATCH_ANY, PATH_TEXT, writing
from gateway.routes.ids import expect_ids_in_path
from gateway.routes.render import answer, public
from gateway.routes.schemas import body_model, reply_model
from redress.intake.v1 import intake_pb2
from redress.workflow.v1 import workflow_pb2

REGISTER_BODY = body_model("RegisterComplaintBody", intake_pb2.RegisterCommand.DESCRIPTOR.fields)
COMPLETE_BODY = body_model(
    "CompleteTaskBody", map(workflow_pb2.CompleteTask.DESCRIPTOR.fields_by_name.__getitem__, ("result", "deliverables"))
)
_REGISTERERS = STAFF | CHANNEL


@guarded(_REGISTERERS, "hot")
async def register_complaint(request: Request) -> Response:
    """Safe to send again with the same Idempotency-Key, or the same channel and external_id (answers 200)."""
    complaint = decoded(await request.body(), complaint_body.decode)
    command = complaint_body.command_of(complaint)
    registered = await door_of(request).batches.register(command, writing(request))
    headers = {"Location": f"/v1/complaints/{registered.complaint_id}"}
    return answer(to_dict(registered), 200 if registered.existing else 201, headers)


@guarded(STAFF, "hot")
async def complete_task(request: Request) -> Response:
    """Hands in the task's result and its typed deliverables; may pass the stage."""
    expect_ids_in_path(request.path_params)
    body = decoded(await request.body() or b"{}", completion_body.decode)
    item = workflow_pb2.CompleteTask(
        task_id=request.path_params["task_id"],
        result=body.result,
        deliverables=msgspec.json.encode(body.deliverables).decode(),
        if_version=if_version(request.headers.get("if-match"), required=False),
    )
    return answer(public(await door_of(request).batches.complete(item, writing(request))))


def add_routes(router: APIRouter) -> None:
    """First of all: routes are matched in order."""
    shown_as(register_complaint, body=REGISTER_BODY, key=(IDEMPOTENCY_KEY, None))
    shown_as(
        complete_task, task_id=PATH_TEXT, body=COMPLETE_BODY, if_match=(IF_MATCH_ANY, None), key=(IDEMPOTENCY_KEY, None)
    )
    registered = documented(_REGISTERERS, reply_model(intake_pb2.Registered.DESCRIPTOR), 201, writes=True)
    known = {"description": "Known already by channel and external_id", "model": registered["response_model"]}
    registered["responses"][200] = known
    router.add_api_route(
        "/v1/complaints",
        register_complaint,
        methods=["POST"],
        summary="Register a complaint by the standard template",
        operation_id="registerComplaint",
        tags=["complaints"],
        **registered,
    )
    router.add_api_route(
        "/v1/tasks/{task_id}/complete",
        complete_task,
        methods=["POST"],
        summary="Complete a task",
        operation_id="completeTask",
        tags=["tasks"],
        **documented(STAFF, reply_model(workflow_pb2.Task.DESCRIPTOR), 200, writes=True, version="optional"),
    )
