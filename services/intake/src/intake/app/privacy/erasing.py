"""A person is forgotten: their key is dropped; the quality record and the audit trail stay as they are."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from intake.adapters import erasing
from intake.app.master_data.personal import forget
from intake.domain.privacy.erasing import check_not_held
from redress.intake.v1.events import PersonErased


async def erase(tx: Tx, call: Call, person_id: str, reason: str) -> int | None:
    """How many complaints were theirs; None for someone who was erased before.

    Raises NotFound; Conflict while a hold lasts.
    """
    person = await erasing.held(tx, person_id)
    if person is None:
        raise NotFound("there is no such person")
    if person["erased_at"] is not None:
        return None
    check_not_held(person["hold_reason"])
    complaint_ids = await erasing.complaints_of(tx, person_id)
    await forget(tx, call, await erasing.customer_refs(tx, complaint_ids))
    await erasing.drop(tx, person_id, complaint_ids)
    for complaint_id in complaint_ids:
        tx.audit(aggregate_type="complaint", aggregate_id=complaint_id, action="person erased", call=call)
    tx.audit(
        aggregate_type="person",
        aggregate_id=person_id,
        action="erased",
        call=call,
        changes={"complaints": [len(complaint_ids), None]},
        reason=reason,
    )
    tx.emit(PersonErased(person_id=person_id, complaint_ids=complaint_ids, at=tx.now), subject=person_id, sequence=1)
    return len(complaint_ids)
