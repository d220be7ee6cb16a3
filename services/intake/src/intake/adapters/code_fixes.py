"""Corrections of past complaints that wait, one after the other."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis.db import Tx
from intake.adapters.rows import Row, row, rows

_START = "00000000-0000-0000-0000-000000000000"


async def add(tx: Tx, fix: Mapping[str, Any]) -> None:
    await tx.execute(
        "INSERT INTO code_fixes (fix_id, field, spelling, code, reason, asked_by, asked_at, done_at, fixed, failed)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)",
        *(fix[name] for name in ("fix_id", "field", "spelling", "code", "reason", "asked_by", "asked_at", "done_at")),
    )


async def page(tx: Tx, before: UUID | None, limit: int) -> list[Row]:
    """Newest first: ids grow with time."""
    return await rows(
        tx,
        "SELECT * FROM code_fixes WHERE $1::uuid IS NULL OR fix_id < $1 ORDER BY fix_id DESC LIMIT $2",
        before,
        limit,
    )


async def next_waiting(tx: Tx) -> Row | None:
    """Locked; what another worker has in hand is passed over."""
    return await row(
        tx, "SELECT * FROM code_fixes WHERE done_at IS NULL ORDER BY asked_at LIMIT 1 FOR UPDATE SKIP LOCKED"
    )


async def complaints(tx: Tx, fix: Mapping[str, Any], limit: int) -> list[Row]:
    field = fix["field"]
    return await rows(
        tx,
        f"SELECT complaint_id, version, state FROM complaints WHERE {field} = $1 AND complaint_id > $2"  # noqa: S608
        " ORDER BY complaint_id LIMIT $3",
        fix["spelling"],
        fix["after"] or _START,
        limit,
    )


async def advance(tx: Tx, fix_id: Any, *, after: Any, fixed: int, failed: int, done: bool) -> None:
    await tx.execute(
        "UPDATE code_fixes SET after = coalesce($2, after), fixed = fixed + $3, failed = failed + $4,"
        " done_at = CASE WHEN $5 THEN $6::timestamptz END WHERE fix_id = $1",
        fix_id,
        after,
        fixed,
        failed,
        done,
        tx.now,
    )
