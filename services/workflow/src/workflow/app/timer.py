"""Overdue work is chased. Everything is decided from rows: a restart forgets nothing, a second replica repeats nothing.

Each function handles at most `limit` rows and answers how many it handled.
"""

from typing import Any

from chassis.db import Tx
from chassis.errors import Unavailable
from chassis.ids import new_id
from chassis.lease import Lease
from workflow.adapters import early
from workflow.adapters.cases import case_of, emit
from workflow.adapters.roster import members
from workflow.adapters.rows import read, upsert
from workflow.app import actions, complaints
from workflow.app.work import ACTOR
from workflow.domain.case import Case, Fact, Note, Task
from workflow.domain.notices import announce
from workflow.domain.roster import Member, Roster

REMINDED, LEAD, MANAGERS = 1, 2, 3

# Materialized: a nested loop would run a sub-select again for each row and pass the limit.
_ESCALATE = """
WITH due AS MATERIALIZED (
  SELECT task_id FROM tasks WHERE state IN ('open', 'in_progress') AND escalate_at <= $1
  ORDER BY escalate_at LIMIT $2 FOR UPDATE SKIP LOCKED)
UPDATE tasks t SET escalation = escalation + 1, version = version + 1,
  escalate_at = CASE escalation WHEN 0 THEN lead_at WHEN 1 THEN manager_at END
FROM due WHERE t.task_id = due.task_id RETURNING t.*
"""


async def fence(tx: Tx, lease: Lease) -> None:
    """Raises Unavailable when another holder took the lease since: nothing of this transaction then happens."""
    epoch = await tx.fetchval("SELECT epoch FROM lease WHERE name = $1 FOR SHARE", lease.name)
    if epoch != lease.epoch:
        raise Unavailable("the timer's lease has moved on")


async def escalate(tx: Tx, limit: int) -> int:
    """One level per task and call: 1 the assignee is reminded, 2 the department's lead, 3 the managers."""
    tasks = [read(Task, row) for row in await tx.fetch(_ESCALATE, tx.now, limit)]
    staff = await members(tx) if any(task.escalation > REMINDED for task in tasks) else []
    for task in tasks:
        emit(tx, [_overdue(task, tx) if task.escalation == REMINDED else _escalated(task, staff, tx)])
    await upsert(tx, Note, [_task_note(task, tx) for task in tasks if task.case_id])
    return len(tasks)


def _overdue(task: Task, tx: Tx) -> Fact:
    names = ("task_id", "case_id", "number", "kind", "stage", "department", "assignee", "due_at")
    fields = {name: getattr(task, name) for name in names}
    return Fact("TaskOverdue", task.task_id, task.version, {**fields, "at": tx.now})


def _escalated(task: Task, staff: list[Member], tx: Tx) -> Fact:
    names = ("task_id", "case_id", "number", "kind", "department", "due_at")
    fields = {name: getattr(task, name) for name in names}
    to = addressees(staff, task.department, task.escalation)
    return Fact(
        "TaskEscalated", task.task_id, task.version, {**fields, "level": task.escalation, "to": to, "at": tx.now}
    )


def addressees(staff: list[Member], department: str, level: int) -> list[str]:
    """The department's leads; the managers, also where a department has no lead."""
    leads = [member.person_id for member in staff if member.lead and member.department == department]
    managers = [member.person_id for member in staff if "manager" in member.roles]
    return (leads or managers) if level == LEAD else managers


def _task_note(task: Task, tx: Tx) -> Note:
    assert task.case_id is not None
    kind = "task_overdue" if task.escalation == REMINDED else "task_escalated"
    return _note(task.case_id, kind, task.stage or "", {"task": task.kind, "level": task.escalation}, tx)


async def announce_deadlines(tx: Tx, limit: int) -> int:
    """sla.warning once a deadline is near, sla.breached once it has passed; the case itself does not change."""
    rows = await tx.fetch(
        "SELECT * FROM cases WHERE notice_at <= $1 ORDER BY notice_at LIMIT $2 FOR UPDATE SKIP LOCKED", tx.now, limit
    )
    cases = [case_of(row) for row in rows]
    notes: list[Note] = []
    for case in cases:
        for event, clock, due in announce(case, tx.now):
            fields = {"case_id": case.case_id, "clock": clock, "due_at": due, "at": tx.now}
            emit(tx, [Fact(event, case.case_id, case.version, fields)])
            kind = "sla_breached" if event == "SlaBreached" else "sla_warning"
            notes.append(_note(case.case_id, kind, case.stage, {"clock": clock}, tx))
    await upsert(tx, Case, cases)
    await upsert(tx, Note, notes)
    return len(cases)


def _note(case_id: str, kind: str, stage: str, data: dict[str, Any], tx: Tx) -> Note:
    return Note(entry_id=new_id(), case_id=case_id, at=tx.now, kind=kind, actor=ACTOR, stage=stage, text="", data=data)


async def hand_out(tx: Tx, limit: int) -> int:
    """Tasks that nobody has (the department was empty, or their assignee left) go to whoever is there by now."""
    staff = await members(tx)
    present = sorted({member.department for member in staff if not member.absent})
    rows = await tx.fetch(
        "SELECT * FROM tasks WHERE assignee IS NULL AND state IN ('open', 'in_progress') AND department = ANY($1)"
        " ORDER BY opened_at LIMIT $2 FOR UPDATE SKIP LOCKED",
        present,
        limit,
    )
    tasks, roster = [read(Task, row) for row in rows], Roster(staff)
    for task in tasks:
        task.assignee, task.version = roster.assign(task.department), task.version + 1
        names = ("task_id", "case_id", "kind", "stage", "department", "assignee", "due_at", "ref")
        fields = {name: getattr(task, name) for name in names}
        emit(tx, [Fact("TaskAssigned", task.task_id, task.version, {**fields, "reassigned": True, "at": tx.now})])
    await upsert(tx, Task, tasks)
    return len(tasks)


async def catch_up(tx: Tx, limit: int) -> int:
    """Applies what was heard about a case or action while another replica was just opening it."""
    subjects = await early.overtaken(tx, limit)
    if subjects:
        await complaints.apply_overtaken(tx, await _cases_among(tx, subjects))
        await actions.apply_overtaken(tx, await _actions_among(tx, subjects))
    return len(subjects)


async def _cases_among(tx: Tx, subjects: list[str]) -> list[str]:
    rows = await tx.fetch("SELECT case_id::text FROM cases WHERE case_id = ANY($1::uuid[])", subjects)
    return [row["case_id"] for row in rows]


async def _actions_among(tx: Tx, subjects: list[str]) -> list[str]:
    rows = await tx.fetch("SELECT ref FROM tasks WHERE kind = 'action' AND ref = ANY($1)", subjects)
    return [row["ref"] for row in rows]
