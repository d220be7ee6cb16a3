"""Events that change nothing in a case and yet belong to its story."""

from collections.abc import Sequence
from typing import Any

from chassis.db import Tx
from chassis.envelope import Received
from redress.capa.v1 import events as capa
from redress.intake.v1 import events as intake
from workflow.adapters.rows import upsert
from workflow.app.deliveries import timeline_note
from workflow.app.work import act_of
from workflow.domain.case import Note


async def note(tx: Tx, events: Sequence[Received[Any]]) -> None:
    """Adds a line to the timeline of each case that the event names, or that is linked to its CAPA."""
    notes: list[Note] = []
    for event in events:
        act = act_of(tx, f"service:{event.type.split('.')[1]}")
        for case_id in await _cases(tx, event.data):
            notes.append(timeline_note(case_id, "", event, act, _facts(event.data)))
    await upsert(tx, Note, notes)


async def _cases(tx: Tx, said: Any) -> list[str]:
    if isinstance(said, intake.ContactReceived | intake.ComplaintLinked):
        return [said.complaint_id]
    if isinstance(said, capa.CapaEffectivenessConcluded):
        rows = await tx.fetch("SELECT case_id::text FROM case_links WHERE ref = $1::uuid", said.capa_id)
        return [row["case_id"] for row in rows]
    return [said.case_id] if said.case_id else []


def _facts(said: Any) -> dict[str, Any]:
    names = ("channel", "other", "level", "verdict", "knowledge_id", "cost_id", "category", "capa_id")
    return {name: getattr(said, name) for name in names if hasattr(said, name)}
