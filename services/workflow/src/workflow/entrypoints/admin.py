"""Ledgers for `redressctl verify`."""

from chassis.db import Tx
from chassis.ledgers import LedgerRow

_NOTHING = "00000000-0000-0000-0000-000000000000"


async def cases(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    """One row a case: its state and version; subject is the number."""
    rows = await tx.fetch(
        "SELECT case_id::text, state, number, version, opened_at FROM cases WHERE case_id > $1::uuid"
        " ORDER BY case_id LIMIT $2",
        after[0] if after else _NOTHING,
        limit,
    )
    return [
        LedgerRow(row["case_id"], row["state"], row["number"], row["version"], row["opened_at"], (row["case_id"],))
        for row in rows
    ]


async def tasks(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    """One row a task: its state and version; subject is its case, or the action it stands for."""
    rows = await tx.fetch(
        "SELECT task_id::text, state, coalesce(case_id::text, ref, '') AS subject, version, opened_at FROM tasks"
        " WHERE task_id > $1::uuid ORDER BY task_id LIMIT $2",
        after[0] if after else _NOTHING,
        limit,
    )
    return [
        LedgerRow(row["task_id"], row["state"], row["subject"], row["version"], row["opened_at"], (row["task_id"],))
        for row in rows
    ]
