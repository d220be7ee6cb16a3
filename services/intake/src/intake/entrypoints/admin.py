"""The ledger of complaints, compared by `redressctl verify` with the cases of workflow and the facts of analytics."""

from chassis.db import Tx
from chassis.ledgers import LedgerRow

_START = "00000000-0000-0000-0000-000000000000"


async def complaints_ledger(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    rows = await tx.fetch(
        "SELECT complaint_id, state, number, version, t_registered FROM complaints"
        " WHERE complaint_id > $1::uuid ORDER BY complaint_id LIMIT $2",
        after[0] if after else _START,
        limit,
    )
    return [
        LedgerRow(
            str(row["complaint_id"]),
            row["state"],
            row["number"],
            row["version"],
            row["t_registered"],
            (str(row["complaint_id"]),),
        )
        for row in rows
    ]
