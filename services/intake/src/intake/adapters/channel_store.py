"""The rows of the registry of channels, its secrets, its figures."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from chassis.db import Tx
from intake.domain.channels.hook import Secrets

Row = Any
COUNTED_DAYS = 30
_ONE = "SELECT * FROM channels WHERE channel_id = $1"
_LOCKED = f"{_ONE} FOR UPDATE"


async def by_id(tx: Tx, channel_id: str, *, lock: bool = False) -> Row | None:
    if "\x00" in channel_id:
        return None
    return await tx.fetchrow(_LOCKED if lock else _ONE, channel_id)


async def insert(tx: Tx, values: Mapping[str, Any]) -> None:
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    await tx.execute(f"INSERT INTO channels ({names}) VALUES ({places})", *values.values())  # noqa: S608


async def update(tx: Tx, channel_id: str, changes: Mapping[str, Any]) -> None:
    """One version further."""
    given = {**changes, "changed_at": tx.now}
    sets = ", ".join(f"{name} = ${n}" for n, name in enumerate(given, 2))
    await tx.execute(
        f"UPDATE channels SET {sets}, version = version + 1 WHERE channel_id = $1",  # noqa: S608
        channel_id,
        *given.values(),
    )


async def page(tx: Tx, *, kind: str | None, enabled: bool | None, after: str, limit: int) -> list[Any]:
    return await tx.fetch(
        "SELECT * FROM channels WHERE channel_id > $1 AND ($2::text IS NULL OR kind = $2)"
        " AND ($3::boolean IS NULL OR enabled = $3) ORDER BY channel_id LIMIT $4",
        after,
        kind,
        enabled,
        limit,
    )


async def is_used(tx: Tx, channel_id: str) -> bool:
    return bool(
        await tx.fetchval(
            "SELECT EXISTS (SELECT FROM complaints WHERE channel_id = $1)"
            " OR EXISTS (SELECT FROM channel_counts WHERE channel_id = $1 AND outcome IN"
            " ('registered', 'attached', 'parked'))",
            channel_id,
        )
    )


async def delete(tx: Tx, channel_id: str) -> None:
    await tx.execute("DELETE FROM channels WHERE channel_id = $1", channel_id)


async def set_secret(tx: Tx, channel_id: str, name: str, value: str, by: str, grace: timedelta) -> None:
    """The one before stays valid for `grace`; what no longer is leaves the table."""
    await tx.execute(
        "UPDATE channel_secrets SET valid_until = $3 WHERE channel_id = $1 AND name = $2 AND valid_until IS NULL",
        channel_id,
        name,
        tx.now + grace,
    )
    await tx.execute("DELETE FROM channel_secrets WHERE channel_id = $1 AND valid_until <= $2", channel_id, tx.now)
    await tx.execute(
        "INSERT INTO channel_secrets (channel_id, name, set_at, sealed, set_by) VALUES ($1, $2, $3, $4, $5)",
        channel_id,
        name,
        tx.now,
        tx.sealer.seal(value.encode(), about=_about(channel_id, name)),
        by,
    )


async def secrets(tx: Tx, channel_id: str) -> Secrets:
    rows = await tx.fetch(
        "SELECT name, sealed FROM channel_secrets WHERE channel_id = $1 AND (valid_until IS NULL OR valid_until > $2)"
        " ORDER BY set_at DESC",
        channel_id,
        tx.now,
    )
    found: dict[str, tuple[str, ...]] = {}
    for row in rows:
        value = tx.sealer.open(row["sealed"], about=_about(channel_id, row["name"])).decode()
        found[row["name"]] = (*found.get(row["name"], ()), value)
    return found


async def secrets_set(tx: Tx, channel_ids: Sequence[str]) -> list[Any]:
    """When, and until when the one before counts; never what."""
    return await tx.fetch(
        "SELECT channel_id, name, max(set_at) AS set_at, max(valid_until) FILTER (WHERE valid_until > $2)"
        " AS old_valid_until FROM channel_secrets WHERE channel_id = ANY($1::text[]) GROUP BY channel_id, name",
        channel_ids,
        tx.now,
    )


async def count(tx: Tx, channel_id: str, outcomes: Mapping[str, int]) -> None:
    """Sorted, so that two deliveries never wait for each other in a circle."""
    names, numbers = zip(*sorted(outcomes.items()), strict=True)
    await tx.execute(
        "INSERT INTO channel_counts (channel_id, day, outcome, n, last_at)"
        " SELECT $1, $2, c.outcome, c.n, $3 FROM unnest($4::text[], $5::bigint[]) AS c(outcome, n)"
        " ON CONFLICT (channel_id, day, outcome) DO UPDATE"
        " SET n = channel_counts.n + excluded.n, last_at = excluded.last_at",
        channel_id,
        tx.now.date(),
        tx.now,
        names,
        numbers,
    )


async def counts(tx: Tx, channel_ids: Sequence[str]) -> list[Any]:
    """Per channel and outcome, over the last days; and what was registered by other ways than a hook."""
    return await tx.fetch(
        "SELECT channel_id, outcome, sum(n)::bigint AS n, max(last_at) AS last_at FROM channel_counts"
        " WHERE channel_id = ANY($1::text[]) AND day > $2 GROUP BY channel_id, outcome"
        " UNION ALL SELECT c.channel_id, 'registered', count(*), max(c.t_registered) FROM complaints c"
        " JOIN channels k USING (channel_id) WHERE c.channel_id = ANY($1::text[]) AND c.t_registered > $2"
        " AND NOT EXISTS (SELECT FROM channel_counts d WHERE d.channel_id = c.channel_id) GROUP BY c.channel_id"
        " ORDER BY channel_id, outcome",
        channel_ids,
        tx.now.date() - timedelta(days=COUNTED_DAYS),
    )


async def conversation(tx: Tx, channel_id: str, sender: str, since: datetime) -> str | None:
    """The open complaint that the sender last spoke about, if that is not too long ago."""
    found = await tx.fetchval(
        "SELECT v.complaint_id FROM channel_conversations v JOIN complaints c USING (complaint_id)"
        " WHERE v.channel_id = $1 AND v.sender = $2 AND v.last_at >= $3 AND c.state = 'open'",
        channel_id,
        sender,
        since,
    )
    return str(found) if found else None


async def converse(tx: Tx, channel_id: str, sender: str, complaint_id: str) -> None:
    await tx.execute(
        "INSERT INTO channel_conversations (channel_id, sender, complaint_id, last_at) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (channel_id, sender) DO UPDATE"
        " SET complaint_id = excluded.complaint_id, last_at = excluded.last_at",
        channel_id,
        sender,
        complaint_id,
        tx.now,
    )


def _about(channel_id: str, name: str) -> str:
    return f"channel-secret/{channel_id}/{name}"
