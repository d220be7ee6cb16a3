"""New complaints for which no signature proposed anything are compared by their texts, after their registration.

In the order of registration, some at a time, by one worker; imports of the past are left out, and so is whatever was
merged meanwhile. A complaint that was corrected is compared again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from chassis.call import system
from chassis.db import Database, Tx
from chassis.ids import new_id
from intake.adapters import likeness as stored
from intake.adapters import writes
from intake.app.grading_tables import Registrars
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.search import Found, resembling
from intake.domain.likeness.background import Background
from intake.domain.likeness.proposing import BASIS, Candidate, proposals
from intake.domain.repeats import Level, Windows
from redress.intake.v1.events import ComplaintUpdated

BATCH = 10
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Progress:
    compared: int
    proposed: int
    lag_s: float
    """Since the registration of the newest complaint compared, while there are more; else 0."""


class Comparing:
    def __init__(self, db: Database, registrars: Registrars, backgrounds: Backgrounds) -> None:
        self._db = db
        self._registrars = registrars
        self._backgrounds = backgrounds

    async def batch(self) -> Progress:
        async with self._db.tx() as tx:
            new, again = await stored.next_to_compare(tx, BATCH)
            if not new and not again:
                return Progress(0, 0, 0.0)
            windows = Windows.of((await self._registrars(tx)).table.parameters)
            background = await self._backgrounds.current(tx)
            wanted = [str(complaint_id) for complaint_id in (*again, *(row["complaint_id"] for row in new))]
            proposed = [await _compare(tx, one, background, windows) for one in dict.fromkeys(wanted)]
            await stored.compared(tx, new, again)
            lag = (tx.now - new[-1]["t_registered"]).total_seconds() if len(new) == BATCH else 0.0
            return Progress(len(wanted), sum(proposed), max(0.0, lag))


async def _compare(tx: Tx, complaint_id: str, background: Background, windows: Windows) -> int:
    """How many were proposed."""
    row = (await stored.complaints(tx, [complaint_id])).get(complaint_id)
    if row is None or not _is_asked_about(row) or not row["description"]:
        return 0
    keys = await stored.keys_of(tx, complaint_id)
    alike = await resembling(tx, row["description"], background, keys=keys, leave_out=complaint_id)
    new = proposals(_candidate(row), [_found(row, found) for found in alike], windows)
    return await _propose(tx, complaint_id, new) if new else 0


def _is_asked_about(row: Row) -> bool:
    return row["state"] == "open" and not row["historical"] and row["open_proposals"] == 0


def _candidate(row: Row, **more: Any) -> Candidate:
    return Candidate(
        complaint_id=str(row["complaint_id"]),
        product_family=row["product_family"],
        serial=row["serial"],
        t_received=row["t_received"],
        **more,
    )


def _found(new: Row, found: Found) -> Candidate:
    row = found.row
    earlier = (row["t_registered"], str(row["complaint_id"])) < (new["t_registered"], str(new["complaint_id"]))
    return _candidate(
        row,
        likeness=found.likeness,
        same_customer=found.same_customer,
        takes_repeats=earlier and row["state"] != "merged",
    )


async def _propose(tx: Tx, complaint_id: str, new: Sequence[tuple[Candidate, Level]]) -> int:
    """People may have changed the complaint since it was read: what they judged stays as it is."""
    held = await tx.fetchrow("SELECT * FROM complaints WHERE complaint_id = $1 FOR UPDATE", complaint_id)
    row = dict(held or {})
    stored_pairs = await tx.fetch("SELECT other_complaint_id FROM proposals WHERE complaint_id = $1", complaint_id)
    known = {str(pair["other_complaint_id"]) for pair in stored_pairs}
    rows = [_proposal(complaint_id, other, level) for other, level in new if other.complaint_id not in known]
    if not row or not rows or not _is_asked_about(row):
        return 0
    await writes.PROPOSALS.run(tx, rows)
    version = row["version"] + 1
    await tx.execute(
        "UPDATE complaints SET open_proposals = $2, version = $3 WHERE complaint_id = $1",
        complaint_id,
        len(rows),
        version,
    )
    _tell(tx, row, len(rows), version)
    return len(rows)


def _proposal(complaint_id: str, other: Candidate, level: Level) -> tuple[Any, ...]:
    return (new_id(), complaint_id, other.complaint_id, level, other.likeness, BASIS, "open", "", "")


def _tell(tx: Tx, row: Row, proposed: int, version: int) -> None:
    complaint_id = str(row["complaint_id"])
    event = ComplaintUpdated(
        complaint_id=complaint_id,
        changed=["proposals"],
        product_family=row["product_family"],
        product_model=row["product_model"],
        lot=row["lot"],
        defect_code=row["defect_code"],
        failure_location=row["failure_location"],
        signature=row["signature"],
        questions=row["questions"],
        proposals=proposed,
    )
    tx.emit(event, subject=complaint_id, sequence=version)
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=complaint_id,
        action="repeats proposed",
        call=system("intake"),
        changes={"open_proposals": [0, proposed]},
    )
