"""Ledgers for `redressctl verify`."""

from analytics.adapters.fact_rows import LEDGER
from chassis.db import Tx
from chassis.ledgers import LedgerRow


async def facts(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    """One row a registered complaint: its id and state (registered | open | paused | closed | merged), by id."""
    return [
        LedgerRow(
            id=str(row["complaint_id"]),
            kind=row["state"],
            subject=row["number"],
            sequence=row["sequence"],
            at=row["t_registered"],
            after=(str(row["complaint_id"]),),
        )
        for row in await tx.fetch(LEDGER, after[0] if after else None, limit)
    ]
