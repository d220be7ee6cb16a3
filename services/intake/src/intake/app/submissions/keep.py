"""Whatever comes by a channel is kept as it came, once, before anyone asks what it is."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from intake.adapters import submissions
from intake.adapters.adoption import owner_of
from intake.adapters.index_key import ready
from intake.adapters.persons import Owner, owners
from intake.domain.identity import customer_keys
from intake.domain.submissions.incoming import PARKED, Fate, Incoming
from intake.domain.validation import LENGTHS


@dataclass(frozen=True, slots=True)
class Kept:
    submission_id: str
    state: str
    reason: str
    complaint_id: str | None
    """Of the first complaint it became, or seems to be about."""
    number: str
    grade: str
    questions: tuple[str, ...]
    existing: bool
    """It was delivered before: nothing is to be done."""
    attached: bool = False
    """As a contact of that complaint."""


@dataclass(frozen=True, slots=True)
class Known:
    """`external_id`: what it will be kept by; another message under an id that was used before gets one of its own."""

    external_id: str
    kept: Kept | None


async def keep(tx: Tx, call: Call, given: Incoming, fate: Fate = PARKED) -> Kept:
    """Kept with its bytes, sealed for its sender; one that was delivered before is answered as it stands. `fate` where
    it is decided already, else `settle` follows in the same transaction."""
    known = await known_as(tx, given)
    return known.kept or await kept_as(tx, call, given, known.external_id, fate)


async def known_as(tx: Tx, given: Incoming) -> Known:
    external_id, content = _external_id(given), _content(given)
    row = await submissions.by_external_id(tx, given.source, external_id)
    if row is not None and row["content_sha256"] != content:
        # Another message under an id that was used before: it is not the same complaint.
        external_id = f"{external_id}#{content[:16]}"
        row = await submissions.by_external_id(tx, given.source, external_id)
    return Known(external_id, _kept(row) if row is not None else None)


async def kept_as(tx: Tx, call: Call, given: Incoming, external_id: str, fate: Fate) -> Kept:
    """For those who asked `known_as` before. Raises asyncpg.UniqueViolationError when it came twice at this moment."""
    sealer = await ready(tx)
    ref, email, phone = given.sender_ref, given.sender_address, given.sender_phone
    keys = customer_keys(sealer.digest, ref=ref or None, email=email or None, phone=phone or None)
    whose = await _whose(tx, keys, fate)
    new = submissions.NewSubmission(
        new_id(), external_id, _sha256(given), _content(given), call.actor, given, whose, fate
    )
    await submissions.insert(tx, new)
    if fate.state != "parked" and fate.complaint_ids:
        await submissions.link(tx, new.submission_id, fate.complaint_ids, fate.link, call.actor)
    _audit_received(tx, call, new)
    return Kept(
        new.submission_id,
        fate.state,
        fate.reason,
        fate.complaint_id,
        "",
        "",
        (),
        existing=False,
        attached=fate.link == "attached",
    )


async def _whose(tx: Tx, keys: Sequence[str], fate: Fate) -> Owner:
    """Of a nameless sender it is the person of the complaint it became, so that both are erased together."""
    if not keys and fate.complaint_id and (same := await owner_of(tx, fate.complaint_id)):
        return same
    (whose,) = await owners(tx, [keys])
    return whose


async def settle(tx: Tx, call: Call, submission_id: str, fate: Fate) -> None:
    """What became of a submission that was kept a moment ago, in the same transaction."""
    await submissions.settle(tx, submission_id, fate)
    if fate.state != "parked" and fate.complaint_ids:
        await submissions.link(tx, submission_id, fate.complaint_ids, fate.link, call.actor)
    tx.audit(
        aggregate_type="submission",
        aggregate_id=submission_id,
        action=fate.state,
        call=call,
        changes={
            "state": ["parked", fate.state],
            "reason": ["", fate.reason],
            "complaint_ids": [[], list(fate.complaint_ids)],
        },
    )


def _external_id(given: Incoming) -> str:
    """The channel's own; a digest of what it says where it has none, or none that can be kept."""
    own = given.external_id
    return own if 0 < len(own) <= LENGTHS["external_id"] - 20 else f"content:{_content(given)[:40]}"


def _content(given: Incoming) -> str:
    return given.content_sha256 or _sha256(given)


def _sha256(given: Incoming) -> str:
    return given.sha256 or hashlib.sha256(given.raw).hexdigest()


def _kept(row: Any) -> Kept:
    return Kept(
        str(row["submission_id"]),
        row["state"],
        row["reason"],
        str(row["complaint_id"]) if row["complaint_id"] else None,
        row["number"] or "",
        row["grade"] or "",
        tuple(row["questions"] or ()),
        existing=True,
    )


def _audit_received(tx: Tx, call: Call, new: submissions.NewSubmission) -> None:
    tx.audit(
        aggregate_type="submission",
        aggregate_id=new.submission_id,
        action="mail received" if new.given.source == "mail" else "message received",
        call=call,
        changes={
            "state": [None, new.fate.state],
            "reason": [None, new.fate.reason],
            "complaint_id": [None, new.fate.complaint_id],
            "sha256": [None, new.sha256],
        },
        first=True,
    )
