"""Domain values as the contract's messages; names are equal, so that only what is derived is written here."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.db import Tx
from chassis.messages import to_message
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters.rows import read
from workflow.domain.case import OPEN, UNDONE, Case, CaseFile, Task
from workflow.domain.definition import Definition, Label
from workflow.domain.possible import WITHDRAWN_REVIEW, possible

_OWN_LABELS = {
    "action": Label("执行 CAPA 措施", "Carry out the CAPA's action"),
    WITHDRAWN_REVIEW: Label("撤回后的决定", "Decide on a withdrawal"),
}


async def case_message(tx: Tx, file: CaseFile) -> pb.Case:
    """The whole case, finished tasks included."""
    rows = await tx.fetch("SELECT * FROM tasks WHERE case_id = $1::uuid ORDER BY opened_at, task_id", file.case.case_id)
    tasks = [read(Task, row) for row in rows]
    undone = [task for task in tasks if task.state in UNDONE and task.stage == file.case.stage]
    nested: dict[str, Any] = {
        "assignee": undone[0].assignee if undone else None,
        "rca_ids": file.rca_ids,
        "capa_ids": file.capa_ids,
        "deliverables": _deliverables(file),
        "tasks": [task_message(task, file.definition, tx.now) for task in tasks],
        "visits": [vars(visit) for visit in file.visits],
        "possible": possible(file),
    }
    return brief(file.case, file.definition, tx.now, nested)


def brief(case: Case, definition: Definition, now: datetime, more: Mapping[str, Any]) -> pb.Case:
    """A case as lists show it, with whatever `more` adds."""
    derived = {
        "stage_label": vars(definition.stage(case.stage).label),
        "overdue": case.state == OPEN and case.due_current_at is not None and case.due_current_at < now,
        "outcome": vars(case.outcome) if case.outcome else None,
        "first_outcome": vars(case.first_outcome) if case.first_outcome else None,
    }
    return to_message(pb.Case, vars(case) | derived | dict(more))


def task_message(task: Task, definition: Definition | None, now: datetime) -> pb.Task:
    label = _label(task, definition)
    overdue = task.state in UNDONE and task.due_at is not None and task.due_at < now
    return to_message(pb.Task, vars(task) | {"label": vars(label), "overdue": overdue})


def _label(task: Task, definition: Definition | None) -> Label:
    if task.kind in _OWN_LABELS or definition is None:
        return _OWN_LABELS.get(task.kind, Label(task.kind, task.kind))
    specs = (spec for stage in definition.stages for spec in stage.tasks)
    return next((spec.label for spec in specs if spec.kind == task.kind), Label(task.kind, task.kind))


def _deliverables(file: CaseFile) -> list[dict[str, Any]]:
    """Every deliverable that the case's gates ask for, in their order, and what else has arrived."""
    case, found = file.case, []
    asked = {kind: s.key for s in file.definition.stages for kind in s.required(case.grade, case.path)}
    for kind in [*asked, *(kind for kind in file.deliverables if kind not in asked)]:
        spec = file.definition.deliverables.get(kind)
        known = file.deliverables.get(kind)
        row: dict[str, Any] = {"kind": kind, "stage": asked.get(kind, ""), "state": "missing"}
        if spec is not None:
            row["label"] = vars(spec.label)
        if known is not None:
            value = "" if known.value is None else json.dumps(known.value, ensure_ascii=False)
            row |= vars(known) | {"value": value}
        found.append(row)
    return found


def entry_message(row: Mapping[str, Any]) -> pb.TimelineEntry:
    return to_message(pb.TimelineEntry, dict(row) | {"data": json.dumps(row["data"], ensure_ascii=False, default=str)})
