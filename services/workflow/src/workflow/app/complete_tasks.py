"""Completing many tasks in one transaction, each answered by itself: the hot command beside registration."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Malformed, NotFound, RedressError
from chassis.idempotency import body_hash
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters import replies
from workflow.adapters.cases import load, save
from workflow.adapters.roster import persons
from workflow.adapters.rows import read
from workflow.app.messages import task_message
from workflow.app.tasks import in_file, owned_by_capa
from workflow.app.work import act_of, known_id, match_version, record, roster_for, told
from workflow.domain.authority import Person, require_staff, require_work
from workflow.domain.case import Act, CaseFile, Task
from workflow.domain.completion import complete
from workflow.domain.roster import Roster


@dataclass(frozen=True)
class Item:
    call: Call
    asked: pb.CompleteTask

    @property
    def digest(self) -> bytes:
        """Of what is asked, not of who carries it: a repeated call may come with a fresh token."""
        bare = pb.CompleteTask()
        bare.CopyFrom(self.asked)
        bare.ClearField("token")
        return body_hash("CompleteTask", bare.SerializeToString(deterministic=True))


Answer = pb.Task | RedressError


async def complete_tasks(tx: Tx, items: Sequence[Item]) -> list[Answer]:
    """Answers in the order of the items. A refused item changes nothing and keeps no key; the others commit."""
    claims = await replies.claim(tx, [(item.call, item.asked.idempotency_key, item.digest) for item in items])
    mine = [index for index, claim in enumerate(claims) if claim is None]
    answers = dict(zip(mine, await _complete(tx, [items[index] for index in mine]), strict=True))
    await replies.keep(
        tx, [(items[index].call, items[index].asked.idempotency_key, answer) for index, answer in answers.items()]
    )
    return [_settled(index, claims, answers) for index in range(len(items))]


def _settled(index: int, claims: Sequence[replies.Claim], answers: dict[int, Answer]) -> Answer:
    claim = claims[index]
    if claim is None:
        return answers[index]
    if isinstance(claim, int):
        return answers[claim]
    if isinstance(claim, RedressError):
        return claim
    assert isinstance(claim, pb.Task)
    return claim


async def _complete(tx: Tx, items: Sequence[Item]) -> list[Answer]:
    tasks = await _tasks(tx, items)
    files = await load(tx, [task.case_id for task in tasks.values() if task.case_id is not None])
    people = await persons(tx, {item.call.actor: (item.call.roles, item.call.department) for item in items})
    roster = await roster_for(tx, files.values()) if files else Roster(())
    answers: list[Answer] = []
    for item in items:
        try:
            answers.append(_one(tx, item, tasks, files, people[item.call.actor], roster))
        except RedressError as error:
            answers.append(error)
    await save(tx, files.values())
    return answers


async def _tasks(tx: Tx, items: Sequence[Item]) -> dict[str, Task]:
    wanted = []
    for item in items:
        try:
            wanted.append(known_id(item.asked.task_id, "task"))
        except NotFound:
            continue
    rows = await tx.fetch("SELECT * FROM tasks WHERE task_id = ANY($1::uuid[])", wanted)
    return {task.task_id: task for task in (read(Task, row) for row in rows)}


def _one(
    tx: Tx, item: Item, tasks: dict[str, Task], files: dict[str, CaseFile], person: Person, roster: Roster
) -> pb.Task:
    """Everything that can be refused is refused before the file changes."""
    asked = item.asked
    found = tasks.get(known_id(asked.task_id, "task"))
    require_staff(person)
    if found is None:
        raise NotFound("there is no such task")
    if found.case_id is None:
        raise owned_by_capa(found)
    file = files[found.case_id]
    task = in_file(file, found)
    require_work(person, task, file.definition.departments)
    if asked.if_version:
        match_version(asked.if_version, task.version)
    before = told(file.case)
    act: Act = act_of(tx, item.call.actor, roster)
    complete(file, task, act, asked.result.strip(), _values(asked.deliverables))
    record(tx, item.call, file.case, before, f"task completed: {task.kind}")
    return task_message(task, file.definition, tx.now)


def _values(text: str) -> dict[str, Any]:
    if not text.strip():
        return {}
    try:
        values = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Malformed("deliverables are not JSON", [FieldError("deliverables", "is not JSON")]) from error
    if not isinstance(values, dict):
        raise Malformed("deliverables are not an object", [FieldError("deliverables", "must be an object")])
    return values
