"""Erasures, from request to decision. They are kept for ever and name nobody: what a person's id was is no secret."""

from datetime import datetime
from typing import Any
from uuid import UUID

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound, StaleVersion
from chassis.ids import new_id
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from intake.adapters.adoption import owner_of
from intake.app.load import found, is_id
from intake.app.privacy.erasing import erase
from intake.app.privacy.roles import ASKING, DECIDING
from intake.domain.privacy.erasing import check_decision, check_not_held, said
from redress.intake.v1 import privacy_pb2 as pb

STATES = ("requested", "refused", "done")


async def request_erasure(tx: Tx, call: Call, request: pb.RequestErasureRequest) -> pb.Erasure:
    """Of a person, or of whoever is behind a complaint. Someone who was requested already keeps that request.

    Raises NotFound, Invalid without a reason, Conflict for the erased and the held.
    """
    call.require(*ASKING)
    reason = said(request.reason)
    person_id = await _person(tx, call, request)
    person = await tx.fetchrow("SELECT * FROM persons WHERE person_id = $1 FOR UPDATE", person_id)
    if person is None:
        raise NotFound("there is no such person")
    if person["erased_at"] is not None:
        raise Conflict("erased", "this person was erased already")
    check_not_held(person["hold_reason"])
    return await note(tx, call, person_id, origin="request", reason=reason)


async def note(tx: Tx, call: Call, person_id: str, *, origin: str, reason: str) -> pb.Erasure:
    """The open request of the person; the one that stands, where there is one."""
    erasure_id = new_id()
    status = await tx.execute(
        "INSERT INTO erasures (erasure_id, version, person_id, state, origin, reason, requested_by, requested_at,"
        " decided_by, decision_reason, complaints) VALUES ($1, 1, $2, 'requested', $3, $4, $5, $6, '', '', 0)"
        " ON CONFLICT (person_id) WHERE state = 'requested' DO NOTHING",
        *(erasure_id, person_id, origin, reason, call.actor, tx.now),
    )
    if status.endswith(" 1"):
        _audit(tx, call, erasure_id, "requested", {"state": [None, "requested"]}, reason, first=True)
    row: Any = await tx.fetchrow("SELECT * FROM erasures WHERE person_id = $1 AND state = 'requested'", person_id)
    return to_message(pb.Erasure, row)


async def approve_erasure(tx: Tx, call: Call, request: pb.DecideErasureRequest) -> pb.Erasure:
    """Done with the answer. Raises Forbidden for whoever requested it, Conflict while a hold lasts."""
    call.require(*DECIDING)
    row = await _held(tx, request)
    check_decision(row["state"], requested_by=row["requested_by"], actor=call.actor)
    complaints = await erase(tx, call, str(row["person_id"]), row["reason"])
    return await settle(tx, call, row, "done", request.reason.strip()[:1000], complaints or 0)


async def refuse_erasure(tx: Tx, call: Call, request: pb.DecideErasureRequest) -> pb.Erasure:
    call.require(*DECIDING)
    row = await _held(tx, request)
    reason = said(request.reason)
    check_decision(row["state"], requested_by="", actor=call.actor)
    return await settle(tx, call, row, "refused", reason, 0)


async def settle(tx: Tx, call: Call, row: Any, state: str, reason: str, complaints: int) -> pb.Erasure:
    await tx.execute(
        "UPDATE erasures SET state = $2, decided_by = $3, decided_at = $4, decision_reason = $5, complaints = $6,"
        " version = version + 1 WHERE erasure_id = $1",
        *(row["erasure_id"], state, call.actor, tx.now, reason, complaints),
    )
    _audit(tx, call, str(row["erasure_id"]), state, {"state": [row["state"], state]}, reason)
    return await _one(tx, str(row["erasure_id"]))


async def get_erasure(tx: Tx, call: Call, request: pb.GetErasureRequest) -> pb.Erasure:
    call.require(*ASKING)
    return await _one(tx, request.erasure_id)


async def list_erasures(tx: Tx, call: Call, request: pb.ListErasuresRequest) -> pb.ListErasuresReply:
    """Newest first. Those that are done, kept apart from the backups, are what `ReplayErasures` takes."""
    call.require(*ASKING)
    if request.HasField("state") and request.state not in STATES:
        raise Invalid("the filter does not fit", [FieldError("state", f"must be one of {', '.join(STATES)}")])
    limit = limit_of(request.page)
    after = decode_cursor(request.page.cursor, datetime, UUID) or (None, None)
    rows = await tx.fetch(
        "SELECT * FROM erasures WHERE ($1::text IS NULL OR state = $1)"
        " AND ($2::timestamptz IS NULL OR (requested_at, erasure_id) < ($2, $3::uuid))"
        " ORDER BY requested_at DESC, erasure_id DESC LIMIT $4",
        *(request.state if request.HasField("state") else None, *after, limit),
    )
    cursor = encode_cursor(rows[-1]["requested_at"], str(rows[-1]["erasure_id"])) if len(rows) == limit else ""
    return pb.ListErasuresReply(erasures=[to_message(pb.Erasure, row) for row in rows], next_cursor=cursor)


async def _person(tx: Tx, call: Call, request: pb.RequestErasureRequest) -> str:
    if request.HasField("person_id") == request.HasField("complaint_id"):
        raise Invalid("who is meant?", [FieldError("person_id", "give either a person_id or a complaint_id")])
    if request.HasField("person_id"):
        if not is_id(request.person_id):
            raise NotFound("there is no such person")
        return request.person_id
    complaint = await found(tx, call, request.complaint_id)
    whose = await owner_of(tx, str(complaint["complaint_id"]))
    if whose is None:
        raise Conflict("erased", "this person was erased already")
    return whose.person_id


async def _held(tx: Tx, request: pb.DecideErasureRequest) -> Any:
    row = is_id(request.erasure_id) and await tx.fetchrow(
        "SELECT * FROM erasures WHERE erasure_id = $1 FOR UPDATE", request.erasure_id
    )
    if not row:
        raise NotFound("there is no such erasure")
    if request.if_version and row["version"] != request.if_version:
        raise StaleVersion(f"the erasure stands at version {row['version']}")
    return row


async def _one(tx: Tx, erasure_id: str) -> pb.Erasure:
    row = is_id(erasure_id) and await tx.fetchrow("SELECT * FROM erasures WHERE erasure_id = $1", erasure_id)
    if not row:
        raise NotFound("there is no such erasure")
    return to_message(pb.Erasure, row)


def _audit(
    tx: Tx, call: Call, erasure_id: str, action: str, changes: dict[str, list[Any]], reason: str, *, first: bool = False
) -> None:
    tx.audit(
        aggregate_type="erasure",
        aggregate_id=erasure_id,
        action=f"erasure {action}",
        call=call,
        changes=changes,
        reason=reason,
        first=first,
    )
