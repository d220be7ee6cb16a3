"""A complaint whose problem or customer was corrected is matched anew; verdicts already given stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from chassis.db import Tx
from intake.adapters import likeness, writes
from intake.domain.registration import Matched
from intake.domain.repeats import Known, Proposal, Similarity, comparable
from intake.domain.surroundings import Surroundings


@dataclass(frozen=True, slots=True)
class Proposed:
    open: int
    repeat_r1: bool
    """An R1 is proposed, or was confirmed."""


async def propose_anew(
    tx: Tx, row: Mapping[str, Any], new: Matched, around: Surroundings, similarity: Similarity
) -> Proposed:
    stored = await tx.fetch("SELECT * FROM proposals WHERE complaint_id = $1", row["complaint_id"])
    judged = {str(p["other_complaint_id"]) for p in stored if p["verdict"] != "open"}
    found = around.proposals(_known(row, new), new.customer_keys, new.codes, similarity)
    wanted = {(p.other.complaint_id, p.level): p for p in found if p.other.complaint_id not in judged}
    kept = {(str(p["other_complaint_id"]), p["level"]) for p in stored if p["verdict"] == "open"} & wanted.keys()
    await _replace(tx, row, kept, [p for key, p in wanted.items() if key not in kept])
    await likeness.compare_again(tx, row["complaint_id"])
    confirmed = any(p["verdict"] == "R1" for p in stored)
    return Proposed(len(wanted), confirmed or any(level == "R1" for _, level in wanted))


async def _replace(tx: Tx, row: Mapping[str, Any], kept: set[tuple[str, Any]], new: list[Proposal]) -> None:
    await tx.execute(
        "DELETE FROM proposals WHERE complaint_id = $1 AND verdict = 'open'"
        " AND (other_complaint_id, level) NOT IN (SELECT * FROM unnest($2::uuid[], $3::text[]))",
        row["complaint_id"],
        [other for other, _ in kept],
        [level for _, level in kept],
    )
    await writes.PROPOSALS.run(tx, writes.proposal_rows(str(row["complaint_id"]), new))


def _known(row: Mapping[str, Any], new: Matched) -> Known:
    return Known(
        complaint_id=str(row["complaint_id"]),
        number=row["number"],
        text=comparable(row["description"]),
        base=new.codes.base,
        t_occurred=row["t_occurred"],
        t_received=row["t_received"],
    )
