"""The task that stands for a CAPA's action. It has no case: its deadline is the action's."""

from dataclasses import dataclass
from datetime import datetime

from workflow.domain.calendar import Calendar
from workflow.domain.case import UNDONE, Act, Fact, Task
from workflow.domain.definition import Definition
from workflow.domain.sla import clock_of
from workflow.domain.tasks import schedule

KIND = "action"
_PACE = "important"
"""Overdue actions climb at the pace of this grade: working time, lead after hours, managers after days."""


@dataclass(frozen=True)
class Assignment:
    action_id: str
    capa_id: str
    number: str
    owner: str
    department: str
    due_at: datetime
    sequence: int


def assign(
    known: Task | None, said: Assignment, definition: Definition, calendar: Calendar, task_id: str, act: Act
) -> tuple[Task, list[Fact]]:
    """The action's task after capa named (another) owner and deadline; no fact for old news."""
    if known is not None and (said.sequence <= known.ref_sequence or known.state not in UNDONE):
        return known, []
    task = known or Task(
        task_id=task_id,
        kind=KIND,
        department=said.department,
        assignee=said.owner,
        opened_at=act.at,
        number=said.number,
        version=0,
        ref=said.action_id,
        capa_id=said.capa_id,
    )
    moved = known is not None and task.assignee != said.owner
    task.department, task.assignee = said.department, said.owner
    task.ref_sequence, task.version = said.sequence, task.version + 1
    clock, policy = clock_of(definition, _PACE, calendar), definition.grades[_PACE]
    task.due_at = said.due_at
    task.lead_at = clock.add(said.due_at, policy.lead_after_hours * 3600)
    task.manager_at = clock.add(said.due_at, policy.manager_after_hours * 3600)
    if said.due_at > act.at:
        task.escalation = 0
    schedule(task, running=True)
    return task, [_assigned(task, act, moved)]


def _assigned(task: Task, act: Act, reassigned: bool) -> Fact:
    names = ("task_id", "case_id", "kind", "stage", "department", "assignee", "due_at", "ref")
    fields = {name: getattr(task, name) for name in names}
    return Fact("TaskAssigned", task.task_id, task.version, {**fields, "reassigned": reassigned, "at": act.at})


def finish(task: Task, by: str, sequence: int, act: Act) -> list[Fact]:
    if task.state not in UNDONE:
        return []
    task.state, task.done_at, task.escalate_at = "done", act.at, None
    task.ref_sequence, task.version = max(sequence, task.ref_sequence), task.version + 1
    names = ("task_id", "case_id", "kind", "stage", "ref", "opened_at", "started_at", "due_at")
    fields = {name: getattr(task, name) for name in names}
    return [Fact("TaskCompleted", task.task_id, task.version, {**fields, "by": by, "at": act.at})]


def extend(task: Task, due_at: str, sequence: int) -> None:
    """The current deadline moves; lead and managers hear as long after it as before. Old news changes nothing."""
    if task.state not in UNDONE or sequence <= task.ref_sequence or task.due_at is None:
        return
    moved = datetime.fromisoformat(due_at) - task.due_at
    task.due_at += moved
    task.lead_at = task.lead_at + moved if task.lead_at else None
    task.manager_at = task.manager_at + moved if task.manager_at else None
    task.escalation = 0
    task.ref_sequence, task.version = sequence, task.version + 1
    schedule(task, running=True)
