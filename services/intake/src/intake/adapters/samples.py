from collections.abc import Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa

from chassis.db import Tx
from intake.adapters.master_data_tables import samples
from intake.adapters.rows import Row, row, rows
from intake.domain.master_data.samples import WAITING

_EMPTY: dict[str, Any] = {
    **dict.fromkeys(("note", "location", "tracking", "result", "finding", "reason"), ""),
    **{f"{step}_by": "" for step in ("sent", "received", "at_lab", "concluded", "withdrawn")},
    "serials": [],
    "protocol": [],
}


async def add(tx: Tx, sample: Mapping[str, Any]) -> None:
    await tx.run(sa.insert(samples).values(**_EMPTY | {"version": 1, "state": "asked", **sample}))


async def change(tx: Tx, sample_id: Any, values: Mapping[str, Any]) -> None:
    statement = sa.update(samples).where(samples.c.sample_id == sample_id)
    await tx.run(statement.values(**values, version=samples.c.version + 1))


async def one(tx: Tx, sample_id: str, *, lock: bool = False) -> Row | None:
    return await row(
        tx,
        f"SELECT * FROM samples WHERE sample_id = $1{' FOR UPDATE' if lock else ''}",  # noqa: S608
        sample_id,
    )


async def page(
    tx: Tx, state: str | None, complaint_id: Any, overdue: bool | None, after: tuple[Any, UUID] | None, limit: int
) -> list[Row]:
    due, last = after or (None, None)
    return await rows(
        tx,
        "SELECT * FROM samples WHERE ($1::text IS NULL OR state = $1) AND ($2::uuid IS NULL OR complaint_id = $2)"
        " AND ($3::boolean IS NULL OR (state IN ('asked', 'sent') AND due < $4) = $3)"
        " AND ($5::timestamptz IS NULL OR (due, sample_id) > ($5, $6::uuid)) ORDER BY due, sample_id LIMIT $7",
        state,
        complaint_id,
        overdue,
        tx.now,
        due,
        last,
        limit,
    )


async def waiting(tx: Tx) -> dict[tuple[str, str], int]:
    counted = await tx.fetch(
        "SELECT state, state IN ('asked', 'sent') AND due < $2 AS late, count(*) AS n FROM samples"
        " WHERE state = ANY($1::text[]) GROUP BY 1, 2",
        list(WAITING),
        tx.now,
    )
    return {(each["state"], "yes" if each["late"] else "no"): each["n"] for each in counted}
