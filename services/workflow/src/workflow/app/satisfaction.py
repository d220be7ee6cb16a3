"""What customers say about the handling (notify's surveys): a line of the case's story, and by phone a deliverable.

A survey goes out on closure, too late for the gate before it; only a call-back can open that.
"""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.envelope import Received
from redress.notify.v1.events import SurveyAnswered
from workflow.adapters.cases import load, save
from workflow.adapters.rows import upsert
from workflow.app.deliveries import timeline_note
from workflow.app.work import act_of, roster_for
from workflow.domain.case import Act, Note
from workflow.domain.deliverables import called_back

ACTOR = "service:notify"


async def hear_answers(tx: Tx, events: Sequence[Received[SurveyAnswered]]) -> None:
    by_phone = sorted({event.data.case_id for event in events if event.data.via == "call_back"})
    files = await load(tx, by_phone)
    act = act_of(tx, ACTOR, await roster_for(tx, files.values()))
    for event in events:
        said = event.data
        if said.via == "call_back" and said.case_id in files:
            rating = said.result_rating or said.process_rating
            called_back(files[said.case_id], said.survey_id, rating, act, sequence=event.sequence)
    await save(tx, files.values())
    await upsert(tx, Note, [_note(event, act) for event in events])


def _note(event: Received[SurveyAnswered], act: Act) -> Note:
    said = event.data
    facts = {name: getattr(said, name) for name in ("closing", "process_rating", "result_rating", "via")}
    return timeline_note(said.case_id, "", event, act, facts)
