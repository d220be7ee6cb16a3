"""complaint.registered: the hot path. A batch costs a fixed handful of statements, however many cases it opens."""

from collections.abc import Sequence

from chassis.db import Tx
from chassis.envelope import Received
from redress.intake.v1.events import ComplaintRegistered
from workflow.adapters import early
from workflow.adapters.cases import deliverables_of, save
from workflow.adapters.roster import roster_of
from workflow.adapters.rulebook import opening_rules
from workflow.app.complaints import apply_early
from workflow.app.work import ACTOR, act_of
from workflow.domain.opening import Complaint, open_case


async def open_cases(tx: Tx, events: Sequence[Received[ComplaintRegistered]]) -> None:
    """Opens what is not open yet; what came before its case (deliverables, a regrade, a merge) is applied at once."""
    fresh = await _unknown(tx, events)
    if not fresh:
        return
    definition, calendar = await opening_rules(tx)
    delivered = await deliverables_of(tx, list(fresh))
    heard = await early.of(tx, list(fresh))
    act = act_of(tx, ACTOR, await roster_of(tx, [spec.department for spec in definition.first.tasks]))
    files = []
    for case_id, event in fresh.items():
        file = open_case(_complaint(event), definition, calendar, delivered.get(case_id, []), act)
        apply_early(file, heard.get(case_id, []), act)
        files.append(file)
    await save(tx, files)
    await early.forget(tx, list(heard))


async def _unknown(tx: Tx, events: Sequence[Received[ComplaintRegistered]]) -> dict[str, Received[ComplaintRegistered]]:
    asked = {event.data.complaint_id: event for event in reversed(events)}
    rows = await tx.fetch("SELECT case_id::text FROM cases WHERE case_id = ANY($1::uuid[])", list(asked))
    known = {row["case_id"] for row in rows}
    return {case_id: asked[case_id] for case_id in reversed(asked) if case_id not in known}


def _complaint(event: Received[ComplaintRegistered]) -> Complaint:
    said = event.data
    return Complaint(
        complaint_id=said.complaint_id,
        number=said.number,
        grade=said.grade,
        product_family=said.product_family,
        language=said.language,
        reachable=said.reachable,
        historical=said.historical,
        t_received=said.t_received,
        t_registered=said.t_registered,
        t_closed=said.t_closed,
        sequence=event.sequence,
    )
