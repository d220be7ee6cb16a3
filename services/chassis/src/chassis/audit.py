"""The audit trail: append-only, hash-chained per aggregate, written in the transaction of the change.

Entry hash = SHA-256(previous hash ‖ the entry as a JSON array, UTF-8, without blanks). The database grants no update or
delete on it (21 CFR 11.10(e): earlier values are not hidden), and a broken chain shows a change behind its back.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import msgspec

GENESIS = b"\x00" * 32
_VERIFY_TIMEOUT_S = 300.0


@dataclass(frozen=True)
class Entry:
    aggregate_type: str
    aggregate_id: str
    at: datetime
    actor: str
    on_behalf_of: str | None
    action: str
    changes: str
    reason: str
    first: bool


def canonical(changes: Mapping[str, Any]) -> str:
    return msgspec.json.encode(changes, order="sorted", enc_hook=str).decode()


def entry_hash(previous: bytes, entry: Entry, n: int) -> bytes:
    content = [
        entry.aggregate_type,
        entry.aggregate_id,
        n,
        entry.at.astimezone(UTC).isoformat(),
        entry.actor,
        entry.on_behalf_of,
        entry.action,
        entry.changes,
        entry.reason,
    ]
    return hashlib.sha256(previous + msgspec.json.encode(content)).digest()


async def append(conn: asyncpg.Connection, entries: Sequence[Entry]) -> None:
    """The caller holds the lock of every aggregate it writes about; `first` saves the look-up for new ones."""
    heads = await _heads(conn, sorted({e.aggregate_id for e in entries if not e.first}))
    columns: list[list[Any]] = [[] for _ in range(10)]
    for entry in entries:
        n, previous = heads.get(entry.aggregate_id, (0, GENESIS))
        digest = entry_hash(previous, entry, n + 1)
        heads[entry.aggregate_id] = (n + 1, digest)
        row = (
            entry.aggregate_type,
            entry.aggregate_id,
            n + 1,
            entry.at,
            entry.actor,
            entry.on_behalf_of,
            entry.action,
            entry.changes,
            entry.reason,
            digest,
        )
        for column, value in zip(columns, row, strict=True):
            column.append(value)
    await conn.execute(
        "INSERT INTO audit (aggregate_type, aggregate_id, n, at, actor, on_behalf_of, action, changes, reason, hash)"
        " SELECT * FROM unnest($1::text[], $2::text[], $3::int[], $4::timestamptz[], $5::text[], $6::text[],"
        " $7::text[], $8::text[], $9::text[], $10::bytea[])",
        *columns,
    )


async def _heads(conn: asyncpg.Connection, aggregate_ids: list[str]) -> dict[str, tuple[int, bytes]]:
    if not aggregate_ids:
        return {}
    rows = await conn.fetch(
        "SELECT a.aggregate_id, a.n, a.hash FROM unnest($1::text[]) AS wanted(id) CROSS JOIN LATERAL"
        " (SELECT * FROM audit WHERE aggregate_id = wanted.id ORDER BY n DESC LIMIT 1) AS a",
        aggregate_ids,
    )
    return {row["aggregate_id"]: (row["n"], row["hash"]) for row in rows}


@dataclass(frozen=True)
class Verdict:
    entries: int
    aggregates: int
    broken: list[str]


async def verify(conn: asyncpg.Connection) -> Verdict:
    """Recomputes every chain, streaming; `broken` names aggregate and first bad entry."""
    heads: dict[str, tuple[int, bytes]] = {}
    broken: dict[str, str] = {}
    entries = 0
    in_order = "SELECT * FROM audit ORDER BY aggregate_id, n"
    async for row in conn.cursor(in_order, prefetch=2000, timeout=_VERIFY_TIMEOUT_S):
        entries += 1
        name = row["aggregate_id"]
        n, previous = heads.get(name, (0, GENESIS))
        entry = Entry(**{key: row[key] for key in _FIELDS}, first=False)
        if row["n"] != n + 1 or entry_hash(previous, entry, row["n"]) != row["hash"]:
            broken.setdefault(name, f"{row['aggregate_type']} {name} entry {row['n']}")
        heads[name] = (row["n"], row["hash"])
    return Verdict(entries, len(heads), list(broken.values()))


_FIELDS = ("aggregate_type", "aggregate_id", "at", "actor", "on_behalf_of", "action", "changes", "reason")
