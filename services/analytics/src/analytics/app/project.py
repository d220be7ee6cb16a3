"""Applies what events say to the facts: one multi-row statement per table and batch, whatever the events' order."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from analytics.adapters.upsert import upsert
from analytics.adapters.visits import find_ends
from analytics.projections import capa, intake, notify, workflow
from analytics.projections.rules import Projection, Row
from analytics.projections.schema import (
    ACTION_EXTENSIONS,
    ACTION_FACTS,
    CAPA_CASES,
    CAPA_CHECKS,
    CAPA_FACTS,
    CAPA_WINDOWS,
    CASE_EXTENSIONS,
    CONTACTS,
    COST_LINES,
    FACTS,
    REPEAT_LINKS,
    STAGE_EXITS,
    STAGE_VISITS,
    SURVEYS,
    TASK_FACTS,
)
from chassis.consumers import Reaction
from chassis.db import Tx
from chassis.envelope import Received

Events = Sequence[Received[Any]]
Says = Callable[[Received[Any]], Row]
SaysMany = Callable[[Received[Any]], Iterable[Row]]


def tells(projection: Projection, says: Says) -> Reaction:
    """A reaction that writes one row for each event."""

    async def react(tx: Tx, events: Events) -> None:
        await upsert(tx, projection, [says(event) for event in events])

    return react


def tells_many(projection: Projection, says: SaysMany) -> Reaction:
    """A reaction that writes any number of rows for each event."""

    async def react(tx: Tx, events: Events) -> None:
        await upsert(tx, projection, [row for event in events for row in says(event)])

    return react


def all_of(*reactions: Reaction) -> Reaction:
    async def react(tx: Tx, events: Events) -> None:
        for reaction in reactions:
            await reaction(tx, events)

    return react


async def _find_ends(tx: Tx, events: Events) -> None:
    await find_ends(tx, {event.data.case_id for event in events if event.data.case_id is not None})


acknowledge = tells_many(FACTS, notify.acknowledged)
ask_satisfaction = tells(SURVEYS, notify.asked)
hear_satisfaction = tells(SURVEYS, notify.answered)

enter = all_of(tells(STAGE_VISITS, workflow.visit), tells_many(TASK_FACTS, workflow.first_task))
leave = tells(STAGE_EXITS, workflow.visit_end)

# The facts come first: their row locks keep replicas that handle events of the same case apart.
open_cases = all_of(tells(FACTS, workflow.opened), enter, _find_ends)
move = all_of(tells(FACTS, workflow.moved), enter, leave, _find_ends)
close = all_of(tells(FACTS, workflow.closed), leave, _find_ends)
reopen = all_of(tells(FACTS, workflow.reopened), enter, leave, _find_ends)

change_due = all_of(tells(FACTS, workflow.due_changed), tells_many(CASE_EXTENSIONS, workflow.extended))

complete_tasks = all_of(tells_many(FACTS, workflow.worked_on), tells(TASK_FACTS, workflow.completed), _find_ends)

merge = all_of(
    tells(FACTS, intake.merged),
    tells(CONTACTS, intake.merged_as_contact),
    tells(FACTS, lambda event: intake.contacted(intake.merged_as_contact(event))),
)
hear = all_of(
    tells(CONTACTS, intake.contact),
    tells(FACTS, lambda event: intake.contacted(intake.contact(event))),
)
judge_repeat = all_of(tells(FACTS, intake.linked), tells(REPEAT_LINKS, intake.repeat_link))


def of_capa(says: Says) -> Reaction:
    """What happened to a CAPA, and the complaints it names."""
    return all_of(tells(CAPA_FACTS, says), tells_many(CAPA_CASES, capa.cases))


implement_capa = all_of(of_capa(capa.implemented), tells(CAPA_WINDOWS, capa.window))
link_capa = tells_many(CAPA_CASES, capa.cases)
check = tells(CAPA_CHECKS, capa.check)
assign_action = tells(ACTION_FACTS, capa.action_assigned)
extend_action = all_of(tells(ACTION_FACTS, capa.action_extended), tells(ACTION_EXTENSIONS, capa.action_extension))
finish_action = tells(ACTION_FACTS, capa.action_done)
post_cost = tells(COST_LINES, capa.cost)
