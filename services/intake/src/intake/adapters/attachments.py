"""SQL of attachments."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from asyncpg import Record

from chassis.db import Tx

_FACTS = """attachment_id, complaint_id, name_sealed, content_type, size, sha256, state, scan, added_by, added_at,
 removed_reason"""


async def begin(tx: Tx, attachment_id: str, complaint_id: str, by: str) -> None:
    """Before the first byte: whatever happens later, somebody knows that there may be an object of this name."""
    await tx.execute(
        "INSERT INTO attachments (attachment_id, complaint_id, content_type, size, sha256, state, scan, added_by,"
        " added_at, removed_reason, object_gone) VALUES ($1, $2, '', 0, '', 'receiving', '', $3, $4, '', false)",
        attachment_id,
        complaint_id,
        by,
        tx.now,
    )


async def settle(tx: Tx, attachment_id: str, facts: Mapping[str, Any]) -> None:
    """Its bytes are there and judged."""
    await tx.execute(
        "UPDATE attachments SET name_sealed = $2, content_type = $3, size = $4, sha256 = $5, state = $6, scan = $7"
        " WHERE attachment_id = $1 AND state = 'receiving'",
        attachment_id,
        *(facts[name] for name in ("name_sealed", "content_type", "size", "sha256", "state", "scan")),
    )


async def forget(tx: Tx, attachment_id: str) -> None:
    await tx.execute("DELETE FROM attachments WHERE attachment_id = $1 AND state = 'receiving'", attachment_id)


async def remove(tx: Tx, attachment_id: str, reason: str) -> None:
    await tx.execute(
        "UPDATE attachments SET state = 'removed', name_sealed = NULL, removed_reason = $2 WHERE attachment_id = $1",
        attachment_id,
        reason,
    )


async def same(tx: Tx, complaint_id: str, sha256: str) -> Record | None:
    return await tx.fetchrow(
        f"SELECT {_FACTS} FROM attachments"  # noqa: S608 - our own names only
        " WHERE complaint_id = $1 AND sha256 = $2 AND state = 'kept' ORDER BY added_at LIMIT 1",
        complaint_id,
        sha256,
    )


async def count(tx: Tx, complaint_id: str) -> int:
    """Files that are there or on their way."""
    return int(
        await tx.fetchval(
            "SELECT count(*) FROM attachments WHERE complaint_id = $1 AND state IN ('kept', 'receiving')", complaint_id
        )
    )


async def of_complaint(tx: Tx, complaint_id: str) -> list[Record]:
    """Oldest first. One that kept its name when it went was only the bytes of another one, sent again."""
    return await tx.fetch(
        f"SELECT {_FACTS} FROM attachments"  # noqa: S608 - our own names only
        " WHERE complaint_id = $1 AND state <> 'receiving' AND NOT (state = 'removed' AND name_sealed IS NOT NULL)"
        " ORDER BY added_at, attachment_id",
        complaint_id,
    )


async def one(tx: Tx, attachment_id: str, *, lock: bool = False) -> Record | None:
    return await tx.fetchrow(
        f"SELECT {_FACTS} FROM attachments"  # noqa: S608 - our own names only
        f" WHERE attachment_id = $1 AND state <> 'receiving'{' FOR UPDATE' if lock else ''}",
        attachment_id,
    )


async def without_use(tx: Tx, patience: timedelta, most: int) -> list[str]:
    """Whose objects nobody may read any more: removed, erased, infected, or begun long ago and never ended."""
    rows = await tx.fetch(
        "SELECT attachment_id FROM attachments WHERE state <> 'kept' AND NOT object_gone"
        " AND (state <> 'receiving' OR added_at < $1) ORDER BY added_at LIMIT $2",
        tx.now - patience,
        most,
    )
    return [str(row["attachment_id"]) for row in rows]


async def object_gone(tx: Tx, attachment_id: str) -> None:
    await tx.execute("UPDATE attachments SET object_gone = true WHERE attachment_id = $1", attachment_id)
    await forget(tx, attachment_id)
