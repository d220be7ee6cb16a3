"""What the customer of a complaint may see of it: where it stands, in the public's words, and nothing of anybody."""

from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Any

from chassis.messages import from_timestamp, to_dict
from redress.intake.v1.intake_pb2 import Complaint
from redress.workflow.v1.workflow_pb2 import Case

_STAGES = ("received", "examined", "cause", "measures", "checked", "closed")
IN_PROGRESS = "in_progress"
# Stages of the processes we ship. One of the company's own design is shown as in progress.
_PUBLIC = MappingProxyType(
    {
        "intake": "received",
        "diagnosis": "examined",
        "root_cause": "cause",
        "capa_planning": "measures",
        "execution": "measures",
        "effectiveness": "checked",
        "receive": "received",
        "handle": "examined",
        "close": "checked",
    }
)


@dataclass(frozen=True)
class Step:
    step: str
    """received | answered | reopened | closed, or the stage that began"""
    at: datetime


@dataclass(frozen=True)
class Ending:
    outcome: str
    remedy: str | None
    at: datetime


@dataclass(frozen=True)
class PublicStatus:
    number: str
    received_at: datetime
    stage: str
    """received | examined | cause | measures | checked | closed, or in_progress"""
    steps: tuple[str, ...]
    """The stages on this complaint's way: those it never takes are left out."""
    paused: bool
    first_answer_by: datetime | None
    first_answer_at: datetime | None
    expected_by: datetime | None
    overdue: bool
    last_step: Step
    ending: Ending | None


def public_status(case: Case, complaint: Complaint) -> PublicStatus:
    known = to_dict(case)
    ending = _ending(known)
    received_at = from_timestamp(complaint, "t_received") or known["opened_at"]
    stage = "closed" if ending else _PUBLIC.get(case.stage, IN_PROGRESS)
    return PublicStatus(
        number=case.number,
        received_at=received_at,
        stage=stage,
        steps=_steps(case, stage),
        paused=case.state == "paused",
        first_answer_by=known["response_due_at"],
        first_answer_at=known["first_response_at"],
        expected_by=None if ending else known["due_current_at"] or known["due_at"],
        overdue=case.overdue and not ending,
        last_step=Step("closed", ending.at) if ending else _last_step(known, stage, received_at),
        ending=ending,
    )


def _steps(case: Case, stage: str) -> tuple[str, ...]:
    """A fast path claims no search for causes that nobody made."""
    if stage == IN_PROGRESS:
        return ()
    if case.path != "fast":
        return _STAGES
    passed = {_PUBLIC.get(visit.stage) for visit in case.visits if visit.outcome != "skipped"}
    return tuple(step for step in _STAGES if step in passed or step in (stage, "received", "closed"))


def _ending(known: dict[str, Any]) -> Ending | None:
    if known["state"] != "closed" or not known["outcome"] or not known["closed_at"]:
        return None
    return Ending(known["outcome"]["code"], known["outcome"]["remedy"], known["closed_at"])


def _last_step(known: dict[str, Any], stage: str, received_at: datetime) -> Step:
    steps = [Step("received", received_at)]
    if known["since"] and known["since"] > known["opened_at"]:
        steps.append(Step(stage, known["since"]))
    if known["first_response_at"]:
        steps.append(Step("answered", known["first_response_at"]))
    steps += [Step("reopened", at) for at in known["reopened_at"]]
    return max(steps, key=lambda step: step.at)
