"""What an update leaves behind: the row, the customer's address, counts, an event and an audit entry."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict
from intake.adapters import persons, writes
from intake.adapters.adoption import owner_of
from intake.adapters.personal import Personal, sealed
from intake.adapters.tables import complaints
from intake.app.reproposing import Proposed
from intake.domain.identity import masked
from intake.domain.registration import Matched
from intake.domain.verdicts import MAX_REASON
from redress.intake.v1.events import ComplaintUpdated

_PERSONAL = frozenset({"customer_email", "customer_phone"})

Row = Mapping[str, Any]
Changes = Mapping[str, list[Any]]


async def save(tx: Tx, row: Row, new: Matched, changes: Changes, proposed: Proposed, questions: list[str]) -> None:
    codes = new.codes
    facts = {name: value for name, (_, value) in changes.items() if name not in _PERSONAL}
    await tx.run(
        sa.update(complaints)
        .where(complaints.c.complaint_id == row["complaint_id"])
        .values(
            **facts,
            version=row["version"] + 1,
            cell=codes.cell,
            signature_base=codes.base,
            signature=codes.signature,
            lot_key=codes.lot_key,
            open_proposals=proposed.open,
            questions=questions,
        )
    )
    if changes.keys() & _PERSONAL:
        await _save_customer(tx, row, new)
    if codes.cell != row["cell"]:
        day = row["t_received"].date()
        moves = [(row["cell"], day, -1), (codes.cell, day, 1)]
        await writes.count_cells(tx, [(cell, at, n) for cell, at, n in moves if cell is not None])


async def _save_customer(tx: Tx, row: Row, new: Matched) -> None:
    """They stay the person they are: another address is a further one of theirs. Raises Conflict once erased."""
    complaint_id = str(row["complaint_id"])
    owner, given = await owner_of(tx, complaint_id), new.submission
    if owner is None:
        raise Conflict("erased", "the person behind this complaint was erased")
    now = Personal(given.customer_name, given.customer_email, given.customer_phone, given.description)
    await tx.execute(
        "UPDATE customers SET sealed = $2 WHERE customer_id = $1", complaint_id, sealed(owner.key, complaint_id, now)
    )
    await persons.add_identities(tx, owner, new.customer_keys)
    await tx.execute("DELETE FROM customer_keys WHERE complaint_id = $1", row["complaint_id"])
    await writes.KEYS.run(tx, [(key, row["t_received"], row["complaint_id"]) for key in new.customer_keys])


def record(
    tx: Tx,
    call: Call,
    row: Row,
    new: Matched,
    changes: Changes,
    proposed: Proposed,
    questions: list[str],
    reason: str,
) -> None:
    given, complaint_id = new.submission, str(row["complaint_id"])
    event = ComplaintUpdated(
        complaint_id=complaint_id,
        changed=sorted(changes),
        product_family=given.product_family,
        product_model=given.product_model,
        lot=given.lot,
        defect_code=given.defect_code,
        failure_location=given.failure_location,
        signature=new.codes.signature,
        questions=questions,
        proposals=proposed.open,
    )
    tx.emit(event, subject=complaint_id, sequence=row["version"] + 1)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=complaint_id,
        action="updated",
        call=call,
        changes={name: _shown(name, pair) for name, pair in changes.items()},
        reason=reason[:MAX_REASON],
    )


def _shown(name: str, pair: list[Any]) -> list[Any]:
    return [masked(value) for value in pair] if name in _PERSONAL else pair
