"""Starting and handing over a task; completing is a batch of its own."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters.rows import read
from workflow.app.messages import task_message
from workflow.app.work import Decide, change_case, known_id, match_version
from workflow.domain import authority
from workflow.domain import tasks as domain
from workflow.domain.authority import Person
from workflow.domain.case import Act, CaseFile, Task
from workflow.domain.reason import given


async def find_task(tx: Tx, task_id: str) -> Task:
    row = await tx.fetchrow("SELECT * FROM tasks WHERE task_id = $1::uuid", known_id(task_id, "task"))
    if row is None:
        raise NotFound("there is no such task")
    return read(Task, row)


def owned_by_capa(task: Task) -> Conflict:
    return Conflict(
        "owned_by_capa",
        "this action is worked on in its CAPA",
        possible=[f"/v1/capas/{task.capa_id}/actions/{task.ref}"],
    )


async def start_task(tx: Tx, call: Call, request: pb.StartTaskRequest) -> pb.Task:
    task = await find_task(tx, request.task_id)

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        current = in_file(file, task)
        authority.require_work(person, current, file.definition.departments)
        domain.start(file, current, act)

    return await _changed(tx, call, task, f"task started: {task.kind}", decide)


async def reassign_task(tx: Tx, call: Call, request: pb.ReassignTaskRequest) -> pb.Task:
    """To a person, or to a department's least loaded member when no person is named."""
    reason = given(request.reason)
    task = await find_task(tx, request.task_id)
    assignee = request.assignee or None
    if assignee is not None:
        await _require_member(tx, assignee)
    elif not request.HasField("department"):
        raise Invalid("to whom", [FieldError("assignee", "name a person or a department")])

    def decide(file: CaseFile, act: Act, person: Person) -> None:
        current = in_file(file, task)
        match_version(request.if_version, current.version)
        authority.require_handover(person, current)
        department = request.department if request.HasField("department") else current.department
        if department not in file.definition.departments:
            known = ", ".join(file.definition.departments)
            raise Invalid("unknown department", [FieldError("department", f"one of {known}")])
        domain.reassign(file, current, assignee, department, reason, act)

    return await _changed(tx, call, task, f"task reassigned: {task.kind}", decide, reason)


async def _require_member(tx: Tx, person_id: str) -> None:
    known = await tx.fetchval("SELECT 1 FROM members WHERE person_id = $1 AND NOT disabled", person_id)
    if known is None:
        raise Invalid("unknown person", [FieldError("assignee", "is not a member of any department")])


def in_file(file: CaseFile, task: Task) -> Task:
    """The task as it is on the locked case, or as it was read when it is undone no more."""
    return next((found for found in file.tasks if found.task_id == task.task_id), task)


async def _changed(tx: Tx, call: Call, task: Task, action: str, decide: Decide, reason: str = "") -> pb.Task:
    if task.case_id is None:
        raise owned_by_capa(task)
    file = await change_case(tx, call, task.case_id, None, action, decide, reason)
    return task_message(in_file(file, task), file.definition, tx.now)
