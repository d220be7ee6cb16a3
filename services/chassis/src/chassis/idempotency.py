"""One effect per (actor, Idempotency-Key): the reply is kept in the transaction that made it, sealed where the service
seals: it may hold what is sealed elsewhere."""

import hashlib

import asyncpg
from google.protobuf import symbol_database
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.message import Message

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import IdempotencyMismatch

MAX_KEY = 200
SEALED = b"\x00"
"""What no packed message begins with."""


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
    return _known(tx, call, row, digest)


def _known(tx: Tx, call: Call, row: asyncpg.Record | None, digest: bytes) -> Message | None:
    if row is None or row["body_hash"] != digest:
        raise IdempotencyMismatch
    return opened(tx, call, row["reply"])


async def keep(tx: Tx, call: Call, reply: Message) -> None:
    await tx.execute(
        "UPDATE idempotency SET reply = $3 WHERE actor = $1 AND key = $2",
        call.actor,
        call.idempotency_key,
        sealed(tx, call, reply),
    )


def sealed(tx: Tx, call: Call, reply: Message) -> bytes:
    return (
        SEALED + tx.sealer.seal(pack(reply), about=_place(call.actor, call.idempotency_key))
        if tx.seals
        else pack(reply)
    )


def opened(tx: Tx, call: Call, stored: bytes) -> Message:
    return unpack(opened_bytes(tx, call.actor, call.idempotency_key, stored))


def opened_bytes(tx: Tx, actor: str, key: str | None, stored: bytes) -> bytes:
    return tx.sealer.open(stored[1:], about=_place(actor, key)) if stored.startswith(SEALED) else stored


def _place(actor: str, key: str | None) -> str:
    return f"reply/{actor}/{key}"


def pack(reply: Message) -> bytes:
    wrapped = AnyMessage()
    wrapped.Pack(reply)
    return wrapped.SerializeToString()


def unpack(stored: bytes) -> Message:
    wrapped = AnyMessage.FromString(stored)
    kind = symbol_database.Default().GetSymbol(wrapped.TypeName())
    reply: Message = kind.FromString(wrapped.value)
    return reply
