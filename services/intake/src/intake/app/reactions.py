"""What others did that a complaint shows. Late, twice and out of order is normal: a case's newest event wins."""

from collections.abc import Sequence
from datetime import datetime

from chassis.call import system
from chassis.db import Tx
from chassis.envelope import Received
from redress.capa.v1.events import CapaClosed
from redress.workflow.v1.events import CaseClosed, CaseReopened


async def close(tx: Tx, events: Sequence[Received[CaseClosed]]) -> None:
    await _set_state(tx, "closed", events)


async def reopen(tx: Tx, events: Sequence[Received[CaseReopened]]) -> None:
    await _set_state(tx, "open", events)


async def _set_state(
    tx: Tx, state: str, events: Sequence[Received[CaseClosed]] | Sequence[Received[CaseReopened]]
) -> None:
    """No version of its own and no event: workflow has told everyone already. A merged complaint stays merged."""
    newest: dict[str, tuple[int, datetime]] = {}
    for event in events:
        newest[event.data.case_id] = max((event.sequence, event.time), newest.get(event.data.case_id, (0, event.time)))
    await tx.execute(
        "UPDATE complaints c SET case_sequence = e.sequence,"
        " state = CASE WHEN c.state = 'merged' THEN c.state ELSE $4 END,"
        " closed_at = CASE WHEN $4 = 'closed' THEN e.at END"
        " FROM (SELECT c.complaint_id, w.sequence, w.at"
        "  FROM unnest($1::uuid[], $2::int[], $3::timestamptz[]) AS w(complaint_id, sequence, at)"
        "  JOIN complaints c USING (complaint_id) ORDER BY c.complaint_id FOR UPDATE OF c) AS e"
        " WHERE c.complaint_id = e.complaint_id AND c.case_sequence < e.sequence",
        list(newest),
        [sequence for sequence, _ in newest.values()],
        [at for _, at in newest.values()],
        state,
    )


async def note_capa(tx: Tx, event: Received[CapaClosed]) -> None:
    """Into the trail of each complaint behind the CAPA."""
    rows = await tx.fetch(
        "SELECT complaint_id FROM complaints WHERE complaint_id = ANY($1::uuid[]) ORDER BY complaint_id FOR UPDATE",
        event.data.case_ids,
    )
    for row in rows:
        tx.audit(
            aggregate_type="complaint",
            aggregate_id=str(row["complaint_id"]),
            action="capa closed",
            call=system("intake"),
            changes={"capa": [None, event.data.number], "outcome": [None, event.data.outcome]},
        )
