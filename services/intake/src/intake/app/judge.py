"""A human verdict on a proposed repeat or duplicate."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from intake.app.likeness.verdict import give
from intake.app.load import WORKING, found, is_id
from intake.app.queries import whole
from redress.intake.v1 import intake_pb2 as pb

Row = Mapping[str, Any]


async def judge_proposal(tx: Tx, call: Call, request: pb.JudgeProposalRequest) -> pb.Complaint:
    """As `likeness.verdict.give` says."""
    call.require(*WORKING)
    proposal, complaint = await _held(tx, request.proposal_id)
    await give(tx, call, proposal, complaint, verdict=request.verdict, reason=request.reason)
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
