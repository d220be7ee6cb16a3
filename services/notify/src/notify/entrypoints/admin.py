"""Ledgers for `redressctl verify`."""

from chassis.db import Tx
from chassis.ledgers import LedgerRow

_RECEIPTS = """
SELECT case_id, state, delivery_id, version, created_at FROM deliveries
WHERE kind = 'receipt' AND ($1::uuid IS NULL OR case_id > $1) ORDER BY case_id LIMIT $2
"""


async def receipts(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    """One row a receipt: the case's id, the delivery's state; by case."""
    rows = await tx.fetch(_RECEIPTS, after[0] if after else None, limit)
    return [
        LedgerRow(
            id=str(row["case_id"]),
            kind=row["state"],
            subject=str(row["delivery_id"]),
            sequence=row["version"],
            at=row["created_at"],
            after=(str(row["case_id"]),),
        )
        for row in rows
    ]
