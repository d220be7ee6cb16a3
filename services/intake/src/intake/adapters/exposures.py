"""Shipments in the order in which they changed."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from chassis.db import Tx
from intake.adapters.rows import Row, rows
from intake.domain.master_data.registers import SHIPMENTS

_KEYS = ", ".join(SHIPMENTS.keys)


async def changed(tx: Tx, since: datetime, after: tuple[Any, ...] | None, limit: int) -> list[Row]:
    """`after`: the `place_of` the last one seen."""
    later = f" AND (updated_at, {_KEYS}) > ($3, $4, $5, $6, $7, $8, $9)" if after else ""
    return await rows(
        tx,
        f"SELECT * FROM shipments WHERE updated_at >= $1{later} ORDER BY updated_at, {_KEYS} LIMIT $2",  # noqa: S608
        since,
        limit,
        *(after or ()),
    )


def place_of(row: Mapping[str, Any]) -> tuple[Any, ...]:
    return (row["updated_at"], *SHIPMENTS.key_of(row))
