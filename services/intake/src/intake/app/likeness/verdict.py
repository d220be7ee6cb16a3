"""A verdict on two complaints, whoever found them alike: stored with its reason, told to everyone."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from intake.app.likeness.merging import merge
from intake.domain.repeats import repeat_level
from intake.domain.verdicts import check_reason, check_verdict
from redress.intake.v1.events import ComplaintLinked

Row = Mapping[str, Any]


async def give(tx: Tx, call: Call, proposal: Row, complaint: Row, *, verdict: str, reason: str) -> None:
    """`duplicate` merges the complaint into the other one, `R1`, `R2` and `none` link it or not. Both are held.

    Raises Invalid without a reason, Conflict for the same verdict again, IllegalTransition for a merged complaint.
    """
    check_verdict(verdict=verdict, current=proposal["verdict"], state=complaint["state"])
    reason = check_reason(reason)
    await tx.execute(
        "UPDATE proposals SET verdict = $2, reason = $3, judged_by = $4, judged_at = $5 WHERE proposal_id = $1",
        proposal["proposal_id"],
        verdict,
        reason,
        call.actor,
        tx.now,
    )
    if verdict == "duplicate":
        changes = await merge(tx, call, complaint, proposal)
    else:
        changes = await _link(tx, complaint, proposal, verdict)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(complaint["complaint_id"]),
        action=f"judged {verdict}",
        call=call,
        changes={"verdict": [proposal["verdict"], verdict]} | changes,
        reason=reason,
    )


async def _link(tx: Tx, complaint: Row, proposal: Row, verdict: str) -> dict[str, list[Any]]:
    verdicts = [
        row["verdict"]
        for row in await tx.fetch("SELECT verdict FROM proposals WHERE complaint_id = $1", complaint["complaint_id"])
    ]
    level, version, open_left = repeat_level(verdicts), complaint["version"] + 1, verdicts.count("open")
    await tx.execute(
        "UPDATE complaints SET repeat_level = $2, open_proposals = $3, version = $4 WHERE complaint_id = $1",
        complaint["complaint_id"],
        level,
        open_left,
        version,
    )
    complaint_id = str(complaint["complaint_id"])
    event = ComplaintLinked(
        complaint_id=complaint_id,
        other=str(proposal["other_complaint_id"]),
        level=verdict,  # type: ignore[arg-type]
        repeat_level=level,
        open_proposals=open_left,
        at=tx.now,
    )
    tx.emit(event, subject=complaint_id, sequence=version)
    return {"repeat_level": [complaint["repeat_level"], level]}
