"""Idempotency keys of a batch: one statement to claim them all, one to keep the replies."""

from collections.abc import Sequence

from google.protobuf.message import Message

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import IdempotencyMismatch, RedressError
from chassis.idempotency import pack, unpack

Claim = Message | RedressError | int | None
"""A kept reply, a mismatch, the index of the equal item earlier in this batch, or None: the key is ours."""


async def claim(tx: Tx, items: Sequence[tuple[Call, str, bytes]]) -> list[Claim]:
    """Per item (caller, key or "", digest of the body). Waits for a concurrent holder of a key."""
    claims: list[Claim] = [None] * len(items)
    first: dict[tuple[str, str], int] = {}
    for index, (call, key, digest) in enumerate(items):
        if not key:
            continue
        earlier = first.setdefault((call.actor, key), index)
        if earlier != index:
            claims[index] = earlier if items[earlier][2] == digest else IdempotencyMismatch()
    if first:
        await _claim(tx, items, first, claims)
    return claims


async def _claim(
    tx: Tx, items: Sequence[tuple[Call, str, bytes]], first: dict[tuple[str, str], int], claims: list[Claim]
) -> None:
    keys = sorted(first)
    actors, names = [actor for actor, _ in keys], [name for _, name in keys]
    digests = [items[first[key]][2] for key in keys]
    rows = await tx.fetch(
        "INSERT INTO idempotency (actor, key, body_hash, at)"
        " SELECT k.*, $4 FROM unnest($1::text[], $2::text[], $3::bytea[]) AS k ON CONFLICT DO NOTHING"
        " RETURNING actor, key",
        actors,
        names,
        digests,
        tx.now,
    )
    ours = {(row["actor"], row["key"]) for row in rows}
    if len(ours) == len(keys):
        return
    known = await tx.fetch(
        "SELECT actor, key, body_hash, reply FROM idempotency"
        " WHERE (actor, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
        actors,
        names,
    )
    for row in known:
        index = first[row["actor"], row["key"]]
        if (row["actor"], row["key"]) not in ours:
            same = row["body_hash"] == items[index][2] and row["reply"] is not None
            claims[index] = unpack(row["reply"]) if same else IdempotencyMismatch()


async def keep(tx: Tx, answers: Sequence[tuple[Call, str, Message | RedressError]]) -> None:
    """Replies stay with their keys; the key of a refused item is free again."""
    keyed = [(call.actor, key, answer) for call, key, answer in answers if key]
    kept = [(actor, key, pack(answer)) for actor, key, answer in keyed if isinstance(answer, Message)]
    freed = [(actor, key) for actor, key, answer in keyed if isinstance(answer, RedressError)]
    if kept:
        await tx.execute(
            "UPDATE idempotency AS i SET reply = k.reply"
            " FROM unnest($1::text[], $2::text[], $3::bytea[]) AS k(actor, key, reply)"
            " WHERE i.actor = k.actor AND i.key = k.key",
            *map(list, zip(*kept, strict=True)),
        )
    if freed:
        await tx.execute(
            "DELETE FROM idempotency WHERE (actor, key) IN (SELECT * FROM unnest($1::text[], $2::text[]))",
            *map(list, zip(*freed, strict=True)),
        )
