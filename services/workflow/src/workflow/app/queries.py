"""What people ask: the case, its story, its deadline, and where everything is."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters.cases import case_of, look
from workflow.adapters.rows import read
from workflow.adapters.rulebook import rules_of
from workflow.adapters.tables import cases, tasks
from workflow.app.messages import brief, case_message, entry_message, task_message
from workflow.app.tasks import find_task
from workflow.app.work import known_id, person_of
from workflow.domain.case import CLOSED, UNDONE, CaseFile, Task
from workflow.domain.definition import Definition


async def _file(tx: Tx, call: Call, case_id: str) -> CaseFile:
    await person_of(tx, call)
    file = await look(tx, known_id(case_id, "case"))
    if file is None:
        raise NotFound("there is no such case")
    return file


async def get_case(tx: Tx, call: Call, request: pb.GetCaseRequest) -> pb.Case:
    return await case_message(tx, await _file(tx, call, request.case_id))


async def get_timeline(tx: Tx, call: Call, request: pb.GetCaseRequest) -> pb.GetTimelineReply:
    """Oldest first, with what capa and intake did to the case."""
    file = await _file(tx, call, request.case_id)
    rows = await tx.fetch("SELECT * FROM timeline WHERE case_id = $1::uuid ORDER BY at, entry_id", file.case.case_id)
    return pb.GetTimelineReply(entries=[entry_message(dict(row)) for row in rows])


async def get_task(tx: Tx, call: Call, request: pb.GetTaskRequest) -> pb.Task:
    await person_of(tx, call)
    task = await find_task(tx, request.task_id)
    return task_message(task, (await _definitions(tx, [task])).get(task.case_id or ""), tx.now)


async def list_cases(tx: Tx, call: Call, request: pb.ListCasesRequest) -> pb.ListCasesReply:
    """Where is it, with whom, since when; newest first."""
    await person_of(tx, call)
    limit = limit_of(request.page)
    here = sa.exists().where(tasks.c.case_id == cases.c.case_id, tasks.c.state.in_(UNDONE))
    query = sa.select(cases, _first_assignee()).order_by(cases.c.opened_at.desc(), cases.c.case_id.desc())
    for name in ("stage", "grade", "department", "product_family"):
        if request.HasField(name):
            query = query.where(cases.c[name] == getattr(request, name))
    if request.HasField("state"):
        closed = request.state == CLOSED
        query = query.where(cases.c.state == CLOSED if closed else cases.c.state != CLOSED)
    if request.HasField("assignee"):
        query = query.where(here.where(tasks.c.assignee == request.assignee))
    if request.HasField("overdue"):
        late = sa.and_(cases.c.state == "open", sa.func.coalesce(cases.c.due_current_at < tx.now, False))
        query = query.where(late if request.overdue else sa.not_(late))
    after = decode_cursor(request.page.cursor, datetime, UUID)
    if after:
        query = query.where(sa.tuple_(cases.c.opened_at, cases.c.case_id) < sa.tuple_(*_bound(after)))
    rows = await tx.rows(query.limit(limit))
    rules = await rules_of(tx, {(row["definition"], row["definition_version"]) for row in rows}, ())
    found = [
        brief(
            case_of(row),
            rules.definitions[row["definition"], row["definition_version"]],
            tx.now,
            {"assignee": row["assignee"]},
        )
        for row in rows
    ]
    cursor = encode_cursor(rows[-1]["opened_at"], str(rows[-1]["case_id"])) if len(rows) == limit else ""
    return pb.ListCasesReply(cases=found, next_cursor=cursor)


def _bound(after: tuple[Any, ...]) -> list[sa.ColumnElement[Any]]:
    return [sa.literal(after[0], cases.c.opened_at.type), sa.literal(after[1], cases.c.case_id.type)]


def _first_assignee() -> sa.Label[Any]:
    return (
        sa.select(tasks.c.assignee)
        .where(tasks.c.case_id == cases.c.case_id, tasks.c.stage == cases.c.stage, tasks.c.state.in_(UNDONE))
        .order_by(tasks.c.opened_at, tasks.c.task_id)
        .limit(1)
        .scalar_subquery()
        .label("assignee")
    )


async def list_tasks(tx: Tx, call: Call, request: pb.ListTasksRequest) -> pb.ListTasksReply:
    await person_of(tx, call)
    limit = limit_of(request.page)
    query = sa.select(tasks).order_by(tasks.c.opened_at.desc(), tasks.c.task_id.desc())
    for name in ("assignee", "department", "kind", "ref"):
        if request.HasField(name):
            query = query.where(tasks.c[name] == getattr(request, name))
    if request.HasField("case_id"):
        query = query.where(tasks.c.case_id == known_id(request.case_id, "case"))
    if request.HasField("state"):
        wanted = (request.state,) if request.state in ("done", "cancelled") else UNDONE
        query = query.where(tasks.c.state.in_(wanted))
    if request.HasField("overdue"):
        late = sa.and_(tasks.c.state.in_(UNDONE), sa.func.coalesce(tasks.c.due_at < tx.now, False))
        query = query.where(late if request.overdue else sa.not_(late))
    after = decode_cursor(request.page.cursor, datetime, UUID)
    if after:
        query = query.where(sa.tuple_(tasks.c.opened_at, tasks.c.task_id) < sa.tuple_(*_bound(after)))
    found = [read(Task, row) for row in await tx.rows(query.limit(limit))]
    labels = await _definitions(tx, found)
    cursor = encode_cursor(found[-1].opened_at, found[-1].task_id) if len(found) == limit else ""
    return pb.ListTasksReply(
        tasks=[task_message(task, labels.get(task.case_id or ""), tx.now) for task in found], next_cursor=cursor
    )


async def _definitions(tx: Tx, found: list[Task]) -> dict[str, Definition]:
    """By case."""
    ids = [task.case_id for task in found if task.case_id is not None]
    rows = await tx.fetch(
        "SELECT case_id::text, definition, definition_version FROM cases WHERE case_id = ANY($1::uuid[])", ids
    )
    rules = await rules_of(tx, {(row["definition"], row["definition_version"]) for row in rows}, ())
    return {row["case_id"]: rules.definitions[row["definition"], row["definition_version"]] for row in rows}
