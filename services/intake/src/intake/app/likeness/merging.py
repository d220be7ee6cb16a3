"""One occurrence, reported more than once: its complaints become one, all their reporters are kept (DOMAIN §3)."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict
from chassis.ids import new_id
from intake.adapters import writes
from redress.intake.v1.events import ComplaintMerged

Row = Mapping[str, Any]


async def merge(tx: Tx, call: Call, complaint: Row, proposal: Row) -> dict[str, list[Any]]:
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
