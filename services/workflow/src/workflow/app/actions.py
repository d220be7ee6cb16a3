"""One task list: capa owns an action, and its task here follows what capa says."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.envelope import Received
from chassis.ids import new_id
from redress.capa.v1.events import ActionAssigned, ActionDone, ActionExtended, CapaClosed
from workflow.adapters import early
from workflow.adapters.cases import emit
from workflow.adapters.early import EarlyFact
from workflow.adapters.rows import read, upsert
from workflow.adapters.rulebook import opening_rules
from workflow.app.deliveries import deliver
from workflow.app.work import act_of
from workflow.domain import action
from workflow.domain.action import Assignment
from workflow.domain.case import Act, Fact, Task

ACTOR = "service:capa"


async def assign_actions(tx: Tx, events: Sequence[Received[ActionAssigned]]) -> None:
    """A new action becomes a task; one that is known moves to its new owner or deadline."""
    definition, calendar = await opening_rules(tx)
    refs = [event.data.action_id for event in events]
    known, heard = await _tasks(tx, refs), await early.of(tx, refs)
    act, facts = act_of(tx, ACTOR), list[Fact]()
    for event in sorted(events, key=lambda event: event.sequence):
        said = event.data
        assignment = Assignment(
            action_id=said.action_id,
            capa_id=said.capa_id,
            number=said.number,
            owner=said.owner,
            department=said.department,
            due_at=said.due_at,
            sequence=event.sequence,
        )
        task, told = action.assign(known.get(said.action_id), assignment, definition, calendar, new_id(), act)
        known[said.action_id] = task
        facts += told
    for ref in refs:
        facts += _apply(known[ref], heard.get(ref, []), act)
    await _save(tx, known, facts)
    await early.forget(tx, list(heard))


async def finish_actions(tx: Tx, events: Sequence[Received[ActionDone]]) -> None:
    await _follow(tx, [EarlyFact(e.data.action_id, "done", e.sequence, {"by": e.data.by}) for e in events])


async def extend_actions(tx: Tx, events: Sequence[Received[ActionExtended]]) -> None:
    await _follow(
        tx,
        [
            EarlyFact(e.data.action_id, "extended", e.sequence, {"due_at": e.data.due_current.isoformat()})
            for e in events
        ],
    )


async def close_capas(tx: Tx, events: Sequence[Received[CapaClosed]]) -> None:
    """A cancelled CAPA's open actions are nobody's task any more."""
    cancelled = [event.data.capa_id for event in events if event.data.outcome == "cancelled"]
    if cancelled:
        await tx.execute(
            "UPDATE tasks SET state = 'cancelled', escalate_at = NULL, version = version + 1"
            " WHERE capa_id = ANY($1::uuid[]) AND state IN ('open', 'in_progress')",
            cancelled,
        )
    await deliver(tx, events)


async def apply_overtaken(tx: Tx, refs: Sequence[str]) -> None:
    """Facts whose action was assigned by another replica at the same moment."""
    heard = await early.of(tx, list(refs))
    await early.forget(tx, list(heard))
    await _follow(tx, [fact for facts in heard.values() for fact in facts])


async def _follow(tx: Tx, said: Sequence[EarlyFact]) -> None:
    known = await _tasks(tx, [fact.subject for fact in said])
    act, facts = act_of(tx, ACTOR), list[Fact]()
    for fact in sorted(said, key=lambda fact: fact.sequence):
        if fact.subject in known:
            facts += _apply(known[fact.subject], [fact], act)
    await _save(tx, known, facts)
    await early.keep(tx, [fact for fact in said if fact.subject not in known])


def _apply(task: Task, said: Sequence[EarlyFact], act: Act) -> list[Fact]:
    facts: list[Fact] = []
    for fact in said:
        if fact.kind == "done":
            facts += action.finish(task, fact.data["by"], fact.sequence, act)
        else:
            action.extend(task, fact.data["due_at"], fact.sequence)
    return facts


async def _tasks(tx: Tx, refs: Sequence[str]) -> dict[str, Task]:
    rows = await tx.fetch(
        "SELECT * FROM tasks WHERE kind = 'action' AND ref = ANY($1) ORDER BY task_id FOR UPDATE", list(refs)
    )
    return {str(row["ref"]): read(Task, row) for row in rows}


async def _save(tx: Tx, tasks: dict[str, Task], facts: list[Fact]) -> None:
    await upsert(tx, Task, list(tasks.values()))
    emit(tx, facts)
