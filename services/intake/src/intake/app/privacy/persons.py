"""Looking at persons, and holding them: who they are is not shown, only that they are there and what is theirs."""

from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid, NotFound
from chassis.messages import to_message
from intake.adapters.index_key import ready
from intake.app.load import is_id
from intake.app.privacy.roles import ASKING, HOLDING
from intake.domain.identity import customer_keys
from intake.domain.privacy.erasing import said
from redress.intake.v1 import privacy_pb2 as pb

_GIVEN = ("customer_email", "customer_phone", "customer_ref")
_LONGEST = 254
_MOST_FOUND = 50
_COUNTS = """SELECT (SELECT count(*) FROM submissions WHERE person_id = $1)::int AS submissions,
 (SELECT count(*) FROM attachments a JOIN customers k ON k.customer_id = a.complaint_id
  WHERE k.person_id = $1 AND a.state = 'kept')::int AS attachments"""
_RELATED = f"""SELECT DISTINCT o.person_id::text FROM customers k
 JOIN customer_keys mine ON mine.complaint_id = k.customer_id
 JOIN customer_keys theirs ON theirs.key = mine.key JOIN customers o ON o.customer_id = theirs.complaint_id
 WHERE k.person_id = $1 AND o.person_id <> $1 LIMIT {_MOST_FOUND}"""  # noqa: S608 - our own number


async def find_persons(tx: Tx, call: Call, request: pb.FindPersonsRequest) -> pb.FindPersonsReply:
    """Raises Invalid where no identity is given."""
    call.require(*ASKING)
    given = {name: getattr(request, name).strip() for name in _GIVEN if request.HasField(name)}  # type: ignore[arg-type]
    if not any(given.values()) or any(len(value) > _LONGEST for value in given.values()):
        raise Invalid(
            "who is meant?", [FieldError(name, f"1 to {_LONGEST} characters, of one at least") for name in _GIVEN]
        )
    digest = (await ready(tx)).digest
    keys = customer_keys(digest, **{name.removeprefix("customer_"): given.get(name) for name in _GIVEN})
    rows = await tx.fetch(
        "SELECT person_id FROM person_identities WHERE digest = ANY($1::text[])"
        " UNION SELECT k.person_id FROM customer_keys e JOIN customers k ON k.customer_id = e.complaint_id"
        " WHERE e.key = ANY($1::text[]) AND k.person_id IS NOT NULL LIMIT $2",
        *(keys, _MOST_FOUND),
    )
    return pb.FindPersonsReply(persons=[await whole(tx, str(row["person_id"])) for row in rows])


async def get_person(tx: Tx, call: Call, request: pb.GetPersonRequest) -> pb.Person:
    call.require(*ASKING)
    return await whole(tx, request.person_id)


async def hold_person(tx: Tx, call: Call, request: pb.HoldPersonRequest) -> pb.Person:
    """A further hold takes the place of the one before. Raises Conflict for someone who was erased."""
    call.require(*HOLDING)
    reason = said(request.reason)
    row = await _locked(tx, request.person_id)
    if row["erased_at"] is not None:
        raise Conflict("erased", "this person was erased already")
    await _set_hold(tx, request.person_id, reason, call.actor)
    _audit(tx, call, row, "held", reason, reason)
    return await whole(tx, request.person_id)


async def release_person(tx: Tx, call: Call, request: pb.ReleasePersonRequest) -> pb.Person:
    """Raises Conflict where nothing holds them."""
    call.require(*HOLDING)
    reason = said(request.reason)
    row = await _locked(tx, request.person_id)
    if not row["hold_reason"]:
        raise Conflict("not_held", "nothing holds this person")
    await _set_hold(tx, request.person_id, "", "")
    _audit(tx, call, row, "released", "", reason)
    return await whole(tx, request.person_id)


async def whole(tx: Tx, person_id: str) -> pb.Person:
    """Raises NotFound."""
    row = is_id(person_id) and await tx.fetchrow("SELECT * FROM persons WHERE person_id = $1", person_id)
    if not row:
        raise NotFound("there is no such person")
    complaints = await tx.fetch(
        "SELECT c.complaint_id, c.number, c.state, c.t_registered FROM customers k"
        " JOIN complaints c USING (customer_id) WHERE k.person_id = $1"
        " ORDER BY c.t_registered DESC, c.complaint_id DESC LIMIT 200",
        person_id,
    )
    related = [other["person_id"] for other in await tx.fetch(_RELATED, person_id)]
    counts = dict(await tx.fetchrow(_COUNTS, person_id) or {})
    return to_message(pb.Person, dict(row) | counts | {"complaints": complaints, "related": related})


async def _locked(tx: Tx, person_id: str) -> Any:
    row = is_id(person_id) and await tx.fetchrow("SELECT * FROM persons WHERE person_id = $1 FOR UPDATE", person_id)
    if not row:
        raise NotFound("there is no such person")
    return row


async def _set_hold(tx: Tx, person_id: str, reason: str, by: str) -> None:
    await tx.execute(
        "UPDATE persons SET hold_reason = $2, held_by = $3, held_at = $4 WHERE person_id = $1",
        *(person_id, reason, by, tx.now if reason else None),
    )


def _audit(tx: Tx, call: Call, row: Any, action: str, hold: str, reason: str) -> None:
    tx.audit(
        aggregate_type="person",
        aggregate_id=str(row["person_id"]),
        action=action,
        call=call,
        changes={"hold_reason": [row["hold_reason"], hold]},
        reason=reason,
    )
