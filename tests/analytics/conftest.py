"""Realistic histories of events."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.envelope import Received
from chassis.ids import new_id
from redress.catalog import TYPE_OF
from redress.intake.v1 import events as intake
from redress.notify.v1 import events as notify
from redress.workflow.v1 import events as workflow

Event = Received[Any]
START = datetime(2026, 11, 2, 1, 0, tzinfo=UTC)


@dataclass
class Case:
    """One complaint whose story a test tells; every sentence is an event of its owner with the next sequence."""

    number: str = "C26-0000001"
    grade: intake.Grade = "routine"
    product_family: str = "kettles"
    channel: str = "web"
    historical: bool = False
    received: datetime = START
    registered: datetime | None = None
    case_id: str = field(default_factory=new_id)
    events: list[Event] = field(default_factory=list)
    _sequences: dict[str, int] = field(default_factory=dict)

    def say(self, payload: Any, subject: str | None = None) -> "Case":
        event_type = TYPE_OF[type(payload)]
        subject = subject or self.case_id
        line = f"{event_type.split('.')[1]} {subject}"
        self._sequences[line] = sequence = self._sequences.get(line, 0) + 1
        at = getattr(payload, "at", None) or self.received
        self.events.append(Received(new_id(), event_type, subject, sequence, at, None, payload))
        return self

    def after(self, **hours: float) -> datetime:
        return (self.registered or self.received) + timedelta(**hours)

    def register(self, **changed: Any) -> "Case":
        return self.say(
            intake.ComplaintRegistered(
                **{
                    "complaint_id": self.case_id,
                    "number": self.number,
                    "channel": self.channel,
                    "language": "zh",
                    "product_family": self.product_family,
                    "product_model": "K1",
                    "lot": None,
                    "defect_code": "leak",
                    "failure_location": None,
                    "signature": f"{self.product_family}/leak",
                    "grade": self.grade,
                    "grade_row": "7",
                    "grading_table": "default",
                    "grading_version": 1,
                    "questions": [],
                    "proposals": 0,
                    "key_account": "no",
                    "historical": self.historical,
                    "reachable": True,
                    "t_occurred": None,
                    "t_aware": self.received,
                    "t_received": self.received,
                    "t_registered": self.registered or self.received,
                }
                | changed
            )
        )

    def open(self, due_hours: float | None = 80, **at: float) -> "Case":
        due = None if due_hours is None else self.after(hours=due_hours)
        return self.say(
            workflow.CaseOpened(
                case_id=self.case_id,
                number=self.number,
                definition="complaint",
                definition_version=1,
                stage="intake",
                grade=self.grade,
                due_at=due,
                response_due_at=due,
                task=self.task("grade_review"),
                historical=self.historical,
                language="zh",
                reachable=True,
                at=self.after(**at),
            )
        )

    def task(self, kind: str) -> workflow.FirstTask:
        return workflow.FirstTask(
            task_id=new_id(), kind=kind, department="quality", assignee=None, due_at=self.after(hours=8)
        )

    def acknowledge(self, **at: float) -> "Case":
        return self.say(
            notify.DeliverySent(
                delivery_id=new_id(),
                kind="receipt",
                channel="email",
                case_id=self.case_id,
                task_id=None,
                attempts=1,
                at=self.after(**at),
            )
        )

    def respond(self, *, first: bool = True, worked: float | None = None, **at: float) -> "Case":
        said = {"case_id": self.case_id, "channel": "phone", "first": first, "at": self.after(**at)}
        return self.say(workflow.ResponseSent(**said, working_seconds=worked))

    def enter(self, stage: str, from_stage: str, visit: int = 1, outcome: Any = "done", **at: float) -> "Case":
        return self.say(
            workflow.CaseStageEntered(
                case_id=self.case_id,
                stage=stage,
                visit=visit,
                from_stage=from_stage,
                from_outcome=outcome,
                due_at=None,
                task=self.task(stage),
                at=self.after(**at),
            )
        )

    def return_to(self, stage: str, from_stage: str, visit: int, **at: float) -> "Case":
        return self.say(
            workflow.CaseStageReturned(
                case_id=self.case_id,
                stage=stage,
                visit=visit,
                from_stage=from_stage,
                due_at=None,
                task=None,
                at=self.after(**at),
            )
        )

    def close(self, path: Any = "fast", outcome: Any = "resolved", **more: Any) -> "Case":
        said = {
            "remedy": "repair",
            "accepted": True,
            "justified": True,
            "first": True,
            "stage": "effectiveness",
            "on_time_original": None,
            "on_time_current": None,
            "working_seconds": 3600.0,
            "rca_ids": [],
            "capa_ids": [],
        }
        hours = more.pop("hours", 0.0)
        return self.say(
            workflow.CaseClosed(
                case_id=self.case_id,
                outcome=outcome,
                path=path,
                historical=self.historical,
                at=self.after(hours=hours),
                **said | more,
            )
        )

    def reopen(self, stage: str = "diagnosis", visit: int = 2, **at: float) -> "Case":
        return self.say(
            workflow.CaseReopened(
                case_id=self.case_id, stage=stage, visit=visit, due_at=None, task=None, at=self.after(**at)
            )
        )

    def contacted(self, **at: float) -> "Case":
        return self.say(
            intake.ContactReceived(contact_id=new_id(), complaint_id=self.case_id, channel="phone", at=self.after(**at))
        )

    def survey(self, closing: int = 1, via: str = "link", **said: Any) -> "Case":
        """Asked; answered a day later when a rating is given (0 and None: this question was left out)."""
        survey_id, process, result = new_id(), said.pop("process", None), said.pop("result", None)
        named = {"survey_id": survey_id, "case_id": self.case_id, "closing": closing}
        sent = self.after(**said)
        self.say(notify.SurveySent(**named, at=sent), survey_id)
        if process or result:
            ratings = {"process_rating": process or None, "result_rating": result or None}
            times = {"sent_at": sent, "answered_at": sent + timedelta(days=1)}
            self.say(notify.SurveyAnswered(**named, **ratings, **times, via=via), survey_id)
        return self

    def work(self, begun: float | None, done: float) -> "Case":
        """A task of the diagnosis, from and to so many hours after the registration; None: completed unstarted."""
        return self.say(
            workflow.TaskCompleted(
                task_id=new_id(),
                case_id=self.case_id,
                kind="diagnose",
                stage="diagnosis",
                by="p",
                ref=None,
                opened_at=self.after(),
                started_at=None if begun is None else self.after(hours=begun),
                due_at=None,
                at=self.after(hours=done),
            ),
            new_id(),
        )

    def merge(self, into: str, **at: float) -> "Case":
        return self.say(intake.ComplaintMerged(complaint_id=self.case_id, into=into, at=self.after(**at)))


@pytest.fixture
def told() -> type[Case]:
    return Case


@pytest.fixture
def start() -> datetime:
    return START
