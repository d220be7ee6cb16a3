"""Rows as plain mappings, for what reads many columns by name."""

from typing import Any

from chassis.db import Tx

Row = dict[str, Any]


async def rows(tx: Tx, sql: str, *values: Any) -> list[Row]:
    return [dict(row) for row in await tx.fetch(sql, *values)]


async def row(tx: Tx, sql: str, *values: Any) -> Row | None:
    found = await tx.fetchrow(sql, *values)
    return None if found is None else dict(found)
