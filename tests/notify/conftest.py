"""What workflow tells notify."""

from datetime import timedelta
from typing import Any

import pytest

from chassis.clock import utc_now
from chassis.envelope import Received
from chassis.ids import new_id
from redress.catalog import TYPE_OF
from redress.workflow.v1 import events as workflow


class Events:
    """Events of workflow as the chassis hands them over."""

    def __init__(self) -> None:
        self.at = utc_now()

    def received(self, payload: Any, subject: str, sequence: int = 1) -> Received[Any]:
        return Received(new_id(), TYPE_OF[type(payload)], subject, sequence, self.at, None, payload)

    def opened(self, **more: Any) -> Received[workflow.CaseOpened]:
        case: dict[str, Any] = {
            "case_id": new_id(),
            "number": "C26-0000042",
            "definition": "complaint",
            "definition_version": 1,
            "stage": "intake",
            "grade": "routine",
            "due_at": self.at + timedelta(days=10),
            "response_due_at": self.at + timedelta(hours=8),
            "task": None,
            "historical": False,
            "language": "zh",
            "reachable": True,
            "at": self.at,
        }
        payload = workflow.CaseOpened(**(case | more))
        return self.received(payload, payload.case_id)

    def closed(self, case_id: str, sequence: int = 2, **more: Any) -> Received[workflow.CaseClosed]:
        case: dict[str, Any] = {
            "case_id": case_id,
            "outcome": "resolved",
            "remedy": "repair",
            "accepted": True,
            "justified": True,
            "path": "full",
            "first": True,
            "stage": "effectiveness",
            "on_time_original": True,
            "on_time_current": True,
            "working_seconds": 1.0,
            "rca_ids": [],
            "capa_ids": [],
            "historical": False,
            "at": self.at,
        }
        return self.received(workflow.CaseClosed(**(case | more)), case_id, sequence)

    def reopened(self, case_id: str, sequence: int) -> Received[workflow.CaseReopened]:
        payload = workflow.CaseReopened(
            case_id=case_id, stage="effectiveness", visit=2, due_at=None, task=None, at=self.at
        )
        return self.received(payload, case_id, sequence)

    def first_task(self, assignee: str | None, kind: str = "grade_review") -> workflow.FirstTask:
        return workflow.FirstTask(
            task_id=new_id(), kind=kind, department="customer_service", assignee=assignee, due_at=self.at
        )

    def assigned(self, assignee: str | None, case_id: str | None) -> Received[workflow.TaskAssigned]:
        task_id = new_id()
        payload = workflow.TaskAssigned(
            task_id=task_id,
            case_id=case_id,
            kind="diagnose",
            stage="diagnosis",
            department="technical_support",
            assignee=assignee,
            due_at=self.at,
            ref=None,
            reassigned=False,
            at=self.at,
        )
        return self.received(payload, task_id)

    def overdue(self, assignee: str) -> Received[workflow.TaskOverdue]:
        task_id = new_id()
        payload = workflow.TaskOverdue(
            task_id=task_id,
            case_id=new_id(),
            number="C26-0000077",
            kind="diagnose",
            stage="diagnosis",
            department="technical_support",
            assignee=assignee,
            due_at=self.at,
            at=self.at,
        )
        return self.received(payload, task_id)

    def escalated(self, *to: str) -> Received[workflow.TaskEscalated]:
        task_id = new_id()
        payload = workflow.TaskEscalated(
            task_id=task_id,
            case_id=new_id(),
            number="C26-0000088",
            kind="analyse",
            department="quality",
            level=2,
            to=list(to),
            due_at=self.at,
            at=self.at,
        )
        return self.received(payload, task_id)


@pytest.fixture
def events() -> Events:
    return Events()
