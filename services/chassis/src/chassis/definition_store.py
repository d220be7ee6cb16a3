"""Published definitions in the owner's database: append-only, one row per version."""

import time
from collections.abc import Sequence
from typing import Any, Generic, TypeVar

import asyncpg
import msgspec
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP

from chassis.db import Tx
from chassis.definitions import Document, Kind, Version, digest_of, text_of
from chassis.errors import NotFound

T = TypeVar("T")
FRESH_S = 2.0
"""So long after a commit other processes may still go by the version before."""
_SHOWN = "kind, name, version, digest, published_at, published_by"
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('published_definitions', 0))"


def published_definitions(metadata: sa.MetaData) -> sa.Table:
    """The table, for an owner's tables.py and its migration."""
    return sa.Table(
        "published_definitions",
        metadata,
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True),
        sa.Column("document", sa.Text, nullable=False, comment="JSON, its keys in the order of whoever wrote it"),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("published_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.CheckConstraint("version >= 1", "published_definitions_version"),
    )


async def lock(tx: Tx) -> None:
    """One publication at a time, so that each version follows the one it was compared with."""
    await tx.execute(_LOCK)


async def newest(tx: Tx, kind: str, name: str) -> Version | None:
    row = await tx.fetchrow(
        f"SELECT {_SHOWN}, document FROM published_definitions WHERE kind = $1 AND name = $2"  # noqa: S608
        " ORDER BY version DESC LIMIT 1",
        kind,
        name,
    )
    return _version(row) if row else None


async def one(tx: Tx, kind: str, name: str, version: int) -> Version:
    """Version 0: the newest. Raises NotFound."""
    row = await tx.fetchrow(
        f"SELECT {_SHOWN}, document FROM published_definitions WHERE kind = $1 AND name = $2"  # noqa: S608
        " AND ($3 = 0 OR version = $3) ORDER BY version DESC LIMIT 1",
        kind,
        name,
        version,
    )
    if row is None:
        raise NotFound(f"there is no {kind} {name}" + (f" of version {version}" if version else ""))
    return _version(row)


async def newest_of_all(tx: Tx, kinds: Sequence[str]) -> list[asyncpg.Record]:
    """Without documents, by kind and name."""
    return await tx.fetch(
        f"SELECT DISTINCT ON (kind, name) {_SHOWN} FROM published_definitions WHERE kind = ANY($1::text[])"  # noqa: S608
        " ORDER BY kind, name, version DESC",
        list(kinds),
    )


async def versions(tx: Tx, kind: str, name: str) -> list[asyncpg.Record]:
    """Without documents, newest first."""
    return await tx.fetch(
        f"SELECT {_SHOWN} FROM published_definitions WHERE kind = $1 AND name = $2 ORDER BY version DESC",  # noqa: S608
        kind,
        name,
    )


async def add(tx: Tx, kind: str, name: str, version: int, document: Document, by: str) -> Version:
    made = Version(kind, name, version, document, digest_of(document), tx.now, by)
    await tx.execute(
        "INSERT INTO published_definitions (kind, name, version, document, digest, published_at, published_by)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)",
        kind,
        name,
        version,
        text_of(document),
        made.digest,
        made.published_at,
        by,
    )
    return made


def _version(row: Any) -> Version:
    return Version(**{name: row[name] for name in row.keys() if name != "document"}, document=decoded(row["document"]))  # noqa: SIM118 - a record iterates over values


def decoded(text: str) -> dict[str, Any]:
    document: dict[str, Any] = msgspec.json.decode(text)
    return document


class Published(Generic[T]):
    """One definition as a process goes by it: each version is read once, the newest looked for every FRESH_S."""

    def __init__(self, kind: Kind[T], name: str, fresh_s: float = FRESH_S) -> None:
        self._kind = kind
        self._name = name
        self._fresh_s = fresh_s
        self._read: dict[int, T] = {}
        self._newest = 0
        self._look_at = 0.0

    async def current(self, tx: Tx) -> T:
        """Raises NotFound where none was ever published."""
        if not self._newest or time.monotonic() >= self._look_at:
            self._newest = await tx.fetchval(
                "SELECT coalesce(max(version), 0) FROM published_definitions WHERE kind = $1 AND name = $2",
                self._kind.name,
                self._name,
            )
            self._look_at = time.monotonic() + self._fresh_s
        return await self.of_version(tx, self._newest)

    async def of_version(self, tx: Tx, version: int) -> T:
        """Raises NotFound."""
        if version not in self._read:
            self._read[version] = self._kind.read((await one(tx, self._kind.name, self._name, version)).whole)
        return self._read[version]
