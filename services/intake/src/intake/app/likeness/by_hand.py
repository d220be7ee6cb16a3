"""What a person found without a proposal: a repeat to link, a link to take back, a report to merge."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid, NotFound
from chassis.ids import new_id
from intake.app.likeness.verdict import give
from intake.app.load import WORKING, found
from intake.app.queries import whole
from intake.domain.verdicts import check_reason
from redress.intake.v1 import intake_pb2 as complaints
from redress.intake.v1 import similarity_pb2 as pb

Row = Mapping[str, Any]
LINKS = ("R1", "R2")
BY_HAND = "hand"


async def link_complaints(tx: Tx, call: Call, request: pb.LinkComplaintsRequest) -> complaints.Complaint:
    """Raises Conflict when the two are linked so already."""
    if request.level not in LINKS:
        raise Invalid("unknown level", [FieldError("level", f"must be one of {', '.join(LINKS)}")])
    return await _judged(tx, call, request.complaint_id, request.other_complaint_id, request.level, request.reason)


async def merge_complaint(tx: Tx, call: Call, request: pb.MergeComplaintRequest) -> complaints.Complaint:
    """Raises Conflict when the other one was merged into this one."""
    return await _judged(tx, call, request.complaint_id, request.into, "duplicate", request.reason, field="into")


async def unlink_complaints(tx: Tx, call: Call, request: pb.UnlinkComplaintsRequest) -> complaints.Complaint:
    """Raises NotFound when they are not linked."""
    call.require(*WORKING)
    complaint, other = await _held_pair(tx, call, request.complaint_id, request.other_complaint_id)
    proposal = await _proposal(tx, complaint, other)
    if proposal is None or proposal["verdict"] not in LINKS:
        raise NotFound("the two complaints are not linked")
    await give(tx, call, proposal, complaint, verdict="none", reason=request.reason)
    return await whole(tx, await found(tx, call, request.complaint_id))


async def _judged(
    tx: Tx, call: Call, name: str, other_name: str, verdict: str, reason: str, *, field: str = "other_complaint_id"
) -> complaints.Complaint:
    call.require(*WORKING)
    check_reason(reason)
    complaint, other = await _held_pair(tx, call, name, other_name)
    if complaint["complaint_id"] == other["complaint_id"]:
        raise Invalid("a complaint is no repeat of itself", [FieldError(field, "must be another complaint")])
    proposal = await _proposal(tx, complaint, other) or await _proposed(tx, complaint, other, verdict)
    await give(tx, call, proposal, complaint, verdict=verdict, reason=reason)
    return await whole(tx, await found(tx, call, name))


async def _held_pair(tx: Tx, call: Call, name: str, other_name: str) -> tuple[Row, Row]:
    """Both complaints, locked, always in the same order. Raises NotFound for either."""
    wanted = [(await found(tx, call, each))["complaint_id"] for each in (name, other_name)]
    rows = await tx.fetch(
        "SELECT * FROM complaints WHERE complaint_id = ANY($1::uuid[]) ORDER BY complaint_id FOR UPDATE", wanted
    )
    by_id = {row["complaint_id"]: dict(row) for row in rows}
    return by_id[wanted[0]], by_id[wanted[1]]


async def _proposal(tx: Tx, complaint: Row, other: Row) -> Row | None:
    row = await tx.fetchrow(
        "SELECT * FROM proposals WHERE complaint_id = $1 AND other_complaint_id = $2",
        complaint["complaint_id"],
        other["complaint_id"],
    )
    return dict(row) if row else None


async def _proposed(tx: Tx, complaint: Row, other: Row, level: str) -> Row:
    row = await tx.fetchrow(
        "INSERT INTO proposals"
        " (proposal_id, complaint_id, other_complaint_id, level, score, basis, verdict, reason, judged_by)"
        " VALUES ($1, $2, $3, $4, 1, $5, 'open', '', '') RETURNING *",
        new_id(),
        complaint["complaint_id"],
        other["complaint_id"],
        level,
        BY_HAND,
    )
    assert row is not None
    return dict(row)
