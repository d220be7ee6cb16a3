"""A human verdict on a proposed repeat or duplicate."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, NotFound
from chassis.ids import new_id
from intake.adapters import writes
from intake.app.load import WORKING, found, is_id
from intake.app.queries import whole
from intake.domain.repeats import repeat_level
from intake.domain.verdicts import check_reason, check_verdict
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1.events import ComplaintLinked, ComplaintMerged

Row = Mapping[str, Any]


async def judge_proposal(tx: Tx, call: Call, request: pb.JudgeProposalRequest) -> pb.Complaint:
    """`duplicate` merges the complaint into the other one, `R1`, `R2` and `none` link it or not. The reason is kept."""
    call.require(*WORKING)
    proposal, complaint = await _held(tx, request.proposal_id)
    check_verdict(verdict=request.verdict, current=proposal["verdict"], state=complaint["state"])
    reason = check_reason(request.reason)
    await tx.execute(
        "UPDATE proposals SET verdict = $2, reason = $3, judged_by = $4, judged_at = $5 WHERE proposal_id = $1",
        proposal["proposal_id"],
        request.verdict,
        reason,
        call.actor,
        tx.now,
    )
    if request.verdict == "duplicate":
        changes = await _merge(tx, call, complaint, proposal)
    else:
        changes = await _link(tx, complaint, proposal, request.verdict)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(complaint["complaint_id"]),
        action=f"judged {request.verdict}",
        call=call,
        changes={"verdict": [proposal["verdict"], request.verdict]} | changes,
        reason=reason,
    )
    return await whole(tx, await found(tx, call, str(complaint["complaint_id"])))


async def _held(tx: Tx, proposal_id: str) -> tuple[Row, Row]:
    """The proposal and its complaint; both complaints of the pair are locked, always in the same order."""
    proposal = is_id(proposal_id) and await tx.fetchrow("SELECT * FROM proposals WHERE proposal_id = $1", proposal_id)
    if not proposal:
        raise NotFound("there is no such proposal")
    rows = await tx.fetch(
        "SELECT * FROM complaints WHERE complaint_id = ANY($1::uuid[]) ORDER BY complaint_id FOR UPDATE",
        [proposal["complaint_id"], proposal["other_complaint_id"]],
    )
    current = await tx.fetchrow("SELECT * FROM proposals WHERE proposal_id = $1", proposal_id)
    if current is None:
        raise NotFound("there is no such proposal any more")
    complaint = next(row for row in rows if row["complaint_id"] == proposal["complaint_id"])
    return dict(current), dict(complaint)


async def _merge(tx: Tx, call: Call, complaint: Row, proposal: Row) -> dict[str, list[Any]]:
    """Counts as a contact of the other complaint, not as a complaint; every reporter is kept (DOMAIN §3)."""
    into = await _root(tx, proposal["other_complaint_id"])
    if into == complaint["complaint_id"]:
        raise Conflict("merge_in_a_circle", "the other complaint was merged into this one")
    version = complaint["version"] + 1
    await tx.execute(
        "UPDATE complaints SET state = 'merged', merged_into = $2, open_proposals = 0, version = $3"
        " WHERE complaint_id = $1",
        complaint["complaint_id"],
        into,
        version,
    )
    await tx.execute("UPDATE complaints SET merged_into = $2 WHERE merged_into = $1", complaint["complaint_id"], into)
    await tx.execute(
        "UPDATE proposals SET verdict = 'none', reason = 'merged', judged_by = $2, judged_at = $3"
        " WHERE complaint_id = $1 AND verdict = 'open'",
        complaint["complaint_id"],
        call.actor,
        tx.now,
    )
    if complaint["cell"] is not None:
        await writes.count_cells(tx, [(complaint["cell"], complaint["t_received"].date(), -1)])
    await _keep_contact(tx, call, complaint, into)
    complaint_id = str(complaint["complaint_id"])
    tx.emit(
        ComplaintMerged(complaint_id=complaint_id, into=str(into), at=tx.now), subject=complaint_id, sequence=version
    )
    return {"merged_into": [None, str(into)]}


async def _root(tx: Tx, complaint_id: Any) -> Any:
    """Where a chain of merges ends, locked: merged away at this moment, it would not be the end we point at."""
    while True:
        into = await tx.fetchval("SELECT merged_into FROM complaints WHERE complaint_id = $1 FOR UPDATE", complaint_id)
        if into is None:
            return complaint_id
        complaint_id = into


async def _keep_contact(tx: Tx, call: Call, complaint: Row, into: Any) -> None:
    await tx.execute(
        "INSERT INTO contacts (contact_id, complaint_id, channel, direction, note, by, at)"
        " VALUES ($1, $2, $3, 'inbound', $4, $5, $6)",
        new_id(),
        into,
        complaint["channel"],
        f"reported again as {complaint['number']}",
        call.actor,
        complaint["t_received"],
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
