"""Tasks of a case: opened with an assignee and a deadline, started, handed over, finished, cancelled."""

from datetime import datetime
from typing import Any

from chassis.errors import IllegalTransition
from workflow.domain.case import PAUSED, UNDONE, Act, CaseFile, Fact, Task
from workflow.domain.definition import TaskSpec
from workflow.domain.possible import RESUME, WITHDRAWN_REVIEW


def open_task(file: CaseFile, spec: TaskSpec, act: Act) -> Task:
    return _opened(file, act, spec.kind, spec.department, delivers=list(spec.delivers), completed_by=spec.completed_by)


def open_review(file: CaseFile, kind: str, department: str, ref: str, act: Act) -> Task:
    """Asks the stage's owner what becomes of a deliverable withdrawn after its gate: return, or waive with reason."""
    return _opened(file, act, WITHDRAWN_REVIEW, department, delivers=[kind], ref=ref)


def _opened(file: CaseFile, act: Act, kind: str, department: str, **more: Any) -> Task:
    task = Task(
        task_id=act.new_id(),
        case_id=file.case.case_id,
        number=file.case.number,
        kind=kind,
        stage=file.case.stage,
        department=department,
        assignee=act.roster.assign(department),
        opened_at=act.at,
        **more,
    )
    set_due(file, task, file.due_in(act.at, file.stage.due_hours[file.case.grade]))
    file.tasks.append(task)
    file.touch(task)
    return task


def set_due(file: CaseFile, task: Task, due: datetime | None) -> None:
    """The deadline and, after it, when lead and managers hear of it, on the grade's clock."""
    policy = file.definition.grades[file.case.grade]
    task.due_at = due
    task.lead_at = file.clock.add(due, policy.lead_after_hours * 3600) if due else None
    task.manager_at = file.clock.add(due, policy.manager_after_hours * 3600) if due else None
    schedule(task, running=file.case.state != PAUSED)


def schedule(task: Task, *, running: bool) -> None:
    """When the timer must next look at the task; never while its case is paused."""
    steps = (task.due_at, task.lead_at, task.manager_at, None)
    task.escalate_at = steps[task.escalation] if running else None


def first_task(tasks: list[Task]) -> dict[str, Any] | None:
    """What a stage's event says of its first task."""
    fields = ("task_id", "kind", "department", "assignee", "due_at")
    return {name: getattr(tasks[0], name) for name in fields} if tasks else None


def tell_assigned(file: CaseFile, task: Task, act: Act, *, reassigned: bool) -> None:
    names = ("task_id", "case_id", "kind", "stage", "department", "assignee", "due_at", "ref")
    fields = {name: getattr(task, name) for name in names}
    file.facts.append(
        Fact("TaskAssigned", task.task_id, task.version, {**fields, "reassigned": reassigned, "at": act.at})
    )


def finish(file: CaseFile, task: Task, act: Act, result: str) -> None:
    """done, by a person or by the event that the task waited for."""
    task.state, task.done_at, task.result = "done", act.at, result or None
    task.version += 1
    task.escalate_at = None
    names = ("task_id", "case_id", "kind", "stage", "ref", "opened_at", "started_at", "due_at")
    fields = {name: getattr(task, name) for name in names}
    file.facts.append(Fact("TaskCompleted", task.task_id, task.version, {**fields, "by": act.by, "at": act.at}))
    file.note("task_completed", act, text=result, stage=task.stage, task=task.kind)
    file.touch(task)


def cancel(file: CaseFile, task: Task, why: str) -> None:
    task.state, task.result, task.escalate_at = "cancelled", why, None
    task.version += 1
    file.touch(task)


def start(file: CaseFile, task: Task, act: Act) -> None:
    """open → in_progress; whoever starts an unassigned task has it."""
    require_undone(file, task)
    if task.state != "open":
        raise IllegalTransition("the task is already in progress", possible=["complete", "reassign"])
    task.state, task.started_at = "in_progress", act.at
    task.assignee = task.assignee or act.by
    task.version += 1
    file.change()
    file.note("task_started", act, stage=task.stage, task=task.kind)
    file.touch(task)


def reassign(file: CaseFile, task: Task, assignee: str | None, department: str, reason: str, act: Act) -> None:
    """转办: to a person, or (None) to whoever of the department has the least to do."""
    require_undone(file, task)
    task.department = department
    task.assignee = assignee or act.roster.assign(department)
    task.version += 1
    file.change()
    tell_assigned(file, task, act, reassigned=True)
    file.note("task_reassigned", act, text=reason, stage=task.stage, task=task.kind, assignee=task.assignee)
    file.touch(task)


def require_undone(file: CaseFile, task: Task) -> None:
    if task.state not in UNDONE:
        raise IllegalTransition(f"the task is {task.state}")
    if file.case.state == PAUSED:
        raise IllegalTransition("the case is paused", possible=[RESUME])
