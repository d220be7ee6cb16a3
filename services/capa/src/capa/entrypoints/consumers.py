"""Event type → reaction. capa only remembers which cases exist and where they stand."""

from collections.abc import Sequence
from typing import Any

from capa.adapters import cases
from chassis.consumers import Reaction, Reactions
from chassis.db import Tx
from chassis.envelope import Received
from redress.workflow.v1.events import CaseClosed, CaseOpened, CaseReopened, CaseStageEntered, CaseStageReturned


def _remember(state: str | None) -> Reaction:
    async def react(tx: Tx, events: Sequence[Received[Any]]) -> None:
        heard = [(event.data.case_id, event.data.stage, event.sequence) for event in events]
        await cases.remember(tx, heard, state)

    return react


REACTIONS: Reactions = {
    CaseOpened: _remember("open"),
    CaseStageEntered: _remember(None),
    CaseStageReturned: _remember(None),
    CaseClosed: _remember("closed"),
    CaseReopened: _remember("open"),
}
