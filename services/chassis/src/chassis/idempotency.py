"""One effect per (actor, Idempotency-Key): the reply is kept in the transaction that made it."""

import hashlib

import asyncpg
from google.protobuf import symbol_database
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import IdempotencyMismatch

MAX_KEY = 200


def body_hash(kind: str, body: bytes) -> bytes:
    return hashlib.sha256(kind.encode() + b"\x00" + body).digest()


async def claim(tx: Tx, call: Call, digest: bytes) -> Message | None:
    """The first reply where this key was used before with the same body, else None and the key is ours.

    Waits for a concurrent holder of the key. Raises IdempotencyMismatch for another body.
    """
    status = await tx.execute(
        "INSERT INTO idempotency (actor, key, body_hash, at) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING",
        call.actor,
        call.idempotency_key,
        digest,
        tx.now,
    )
    if status.endswith(" 1"):
        return None
    row = await tx.fetchrow(
        "SELECT body_hash, reply FROM idempotency WHERE actor = $1 AND key = $2", call.actor, call.idempotency_key
    )
    return _known(row, digest)


def _known(row: asyncpg.Record | None, digest: bytes) -> Message | None:
    if row is None or row["body_hash"] != digest:
        raise IdempotencyMismatch
    return unpack(row["reply"])


async def keep(tx: Tx, call: Call, reply: Message) -> None:
    await tx.execute(
        "UPDATE idempotency SET reply = $3 WHERE actor = $1 AND key = $2",
        call.actor,
        call.idempotency_key,
        pack(reply),
    )


def pack(reply: Message) -> bytes:
    wrapped = AnyMessage()
    wrapped.Pack(reply)
    return wrapped.SerializeToString()


def unpack(stored: bytes) -> Message:
    wrapped = AnyMessage.FromString(stored)
    kind = symbol_database.Default().GetSymbol(wrapped.TypeName())
    reply: Message = kind.FromString(wrapped.value)
    return reply
