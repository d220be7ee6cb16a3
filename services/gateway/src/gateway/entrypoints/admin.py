from chassis.db import Tx
from chassis.ledgers import LedgerRow


async def persons(tx: Tx, after: tuple[object, ...] | None, limit: int) -> list[LedgerRow]:
    """Ledger `persons`: who may sign in, and who no longer may."""
    rows = await tx.fetch(
        "SELECT person_id, disabled_at, version, created_at FROM person WHERE person_id > $1::uuid"
        " ORDER BY person_id LIMIT $2",
        after[0] if after else "00000000-0000-0000-0000-000000000000",
        limit,
    )
    return [
        LedgerRow(
            str(row["person_id"]),
            "disabled" if row["disabled_at"] else "active",
            "",
            row["version"],
            row["created_at"],
            (str(row["person_id"]),),
        )
        for row in rows
    ]
