"""What each event of workflow says about a case: only its own columns."""

from collections.abc import Iterator
from typing import Any

from analytics.projections.rules import Span
from chassis.envelope import Received
from redress.workflow.v1 import events as workflow

Leaving = workflow.CaseStageEntered | workflow.CaseStageReturned | workflow.CaseClosed | workflow.CaseReopened

WHEREVER_IT_STANDS = ""
"""Stage of an exit that ends the visit to whichever stage the case is in: a reopened case may come from knowledge."""


def opened(event: Received[workflow.CaseOpened]) -> dict[str, Any]:
    said = event.data
    return {
        "complaint_id": said.case_id,
        "definition": said.definition,
        "definition_version": said.definition_version,
        "t_opened": said.at,
        "response_due_at": said.response_due_at,
        "due_original": said.due_at,
        "due_original_seq": event.sequence,
        "due_current": said.due_at,
        "due_current_seq": event.sequence,
        **_stage(event),
        **_state(event, "open"),
    }


def moved(event: Received[workflow.CaseStageEntered] | Received[workflow.CaseStageReturned]) -> dict[str, Any]:
    return {"complaint_id": event.data.case_id, **_stage(event)}


def paused(event: Received[workflow.CasePaused]) -> dict[str, Any]:
    return {"complaint_id": event.data.case_id, **_state(event, "paused")}


def resumed(event: Received[workflow.CaseResumed]) -> dict[str, Any]:
    return {
        "complaint_id": event.data.case_id,
        "due_current": event.data.due_at,
        "due_current_seq": event.sequence,
        **_state(event, "open"),
    }


def due_changed(event: Received[workflow.CaseDueChanged]) -> dict[str, Any]:
    return {
        "complaint_id": event.data.case_id,
        "due_original": event.data.due_at,
        "due_original_seq": event.sequence,
        "due_current": event.data.due_current_at,
        "due_current_seq": event.sequence,
    }


def extended(event: Received[workflow.CaseDueChanged]) -> Iterator[dict[str, Any]]:
    """Only an extension asks for more time; a regrade moves the deadline too."""
    if event.data.reason == "extension":
        yield {"complaint_id": event.data.case_id, "extension_seq": event.sequence, "at": event.data.at}


def closed(event: Received[workflow.CaseClosed]) -> dict[str, Any]:
    said = event.data
    return {
        "complaint_id": said.case_id,
        "t_closed_first_here": said.at,
        "t_closed": said.at,
        "closed_seq": event.sequence,
        "outcome": said.outcome,
        "remedy": said.remedy,
        "accepted": said.accepted,
        "justified": said.justified,
        "path": said.path,
        "working_seconds": said.working_seconds,
        "working_seconds_first": said.working_seconds if said.first else None,
        "investigated": bool(said.rca_ids),
        **_state(event, "closed"),
    }


def reopened(event: Received[workflow.CaseReopened]) -> dict[str, Any]:
    return {
        "complaint_id": event.data.case_id,
        "reopened_seq": event.sequence,
        "t_reopened_first": event.data.at,
        "due_current": event.data.due_at,
        "due_current_seq": event.sequence,
        **_stage(event),
        **_state(event, "open"),
    }


def responded(event: Received[workflow.ResponseSent]) -> dict[str, Any]:
    return {
        "complaint_id": event.data.case_id,
        "t_first_human": event.data.at,
        "working_seconds_response": event.data.working_seconds,
    }


def _stage(event: Received[Any]) -> dict[str, Any]:
    return {"stage": event.data.stage, "stage_seq": event.sequence}


def _state(event: Received[Any], state: str) -> dict[str, Any]:
    return {"case_state": state, "case_seq": event.sequence}


def visit(event: Received[Any]) -> dict[str, Any]:
    """The visit that entering a stage begins. A case opens in its first visit."""
    return {
        "complaint_id": event.data.case_id,
        "stage": event.data.stage,
        "visit": getattr(event.data, "visit", 1),
        "t_enter": event.data.at,
        "enter_seq": event.sequence,
    }


def visit_end(event: Received[Any]) -> dict[str, Any]:
    """The exit that a Leaving event means; the visit it ends is found when both are known."""
    stage, outcome = _left(event.data)
    return {
        "complaint_id": event.data.case_id,
        "stage": stage,
        "exit_seq": event.sequence,
        "t_exit": event.data.at,
        "outcome": outcome,
    }


def _left(said: Leaving) -> tuple[str, str]:
    match said:
        case workflow.CaseStageEntered():
            return said.from_stage, said.from_outcome
        case workflow.CaseStageReturned():
            return said.from_stage, "returned"
        case workflow.CaseClosed():
            return said.stage, "done"
        case workflow.CaseReopened():
            return WHEREVER_IT_STANDS, "returned"


def first_task(event: Received[Any]) -> Iterator[dict[str, Any]]:
    """The task that travels in a stage's event, if there is one."""
    task: workflow.FirstTask | None = event.data.task
    if task is None:
        return
    yield {
        "task_id": task.task_id,
        "complaint_id": event.data.case_id,
        "kind": task.kind,
        "stage": event.data.stage,
        "ref": None,
        "t_assigned": event.data.at,
        "department": task.department,
        "department_at": event.data.at,
        "due_at": task.due_at,
        "due_said_at": event.data.at,
    }


def assigned(event: Received[workflow.TaskAssigned]) -> dict[str, Any]:
    said = event.data
    return {
        **_task(said),
        "stage": said.stage,
        "ref": said.ref,
        "t_assigned": said.at,
        "department": said.department,
        "department_at": said.at,
        "due_at": said.due_at,
        "due_said_at": said.at,
    }


def completed(event: Received[workflow.TaskCompleted]) -> dict[str, Any]:
    said = event.data
    return {
        **_task(said),
        "stage": said.stage,
        "ref": said.ref,
        "t_assigned": said.opened_at,
        "t_started": said.started_at,
        "t_done": said.at,
        "due_at": said.due_at,
        "due_said_at": said.at,
    }


def worked_on(event: Received[workflow.TaskCompleted]) -> Iterator[dict[str, Any]]:
    said = event.data
    if said.case_id is not None:
        yield {"complaint_id": said.case_id, "t_task_done": said.at, "touched": _touched(said)}


def _touched(said: workflow.TaskCompleted) -> Span | None:
    """When somebody had the task in hand; unknown where it was completed without having been started."""
    known = said.started_at is not None and said.started_at <= said.at
    return Span(said.started_at, said.at) if known and said.started_at else None


def overdue(event: Received[workflow.TaskOverdue]) -> dict[str, Any]:
    return {**_task(event.data), "t_overdue": event.data.at}


def escalated(event: Received[workflow.TaskEscalated]) -> dict[str, Any]:
    return {**_task(event.data), "escalation": event.data.level}


def _task(said: Any) -> dict[str, Any]:
    return {"task_id": said.task_id, "complaint_id": said.case_id, "kind": said.kind}
