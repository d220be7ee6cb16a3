"""A file sent again under its Idempotency-Key gets the first report; its bytes must pass before that can be known."""

import hashlib
from collections.abc import AsyncIterator
from typing import cast

from chassis import idempotency
from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import IdempotencyMismatch
from intake.adapters import lookups
from intake.app.whole import whole_chunks
from redress.intake.v1 import intake_pb2 as pb


class FileHash:
    """Over the header and the bytes, whatever the chunks."""

    def __init__(self, header: pb.ImportHeader) -> None:
        self._header = header.SerializeToString(deterministic=True)
        self._bytes = hashlib.sha256()

    def update(self, chunk: bytes) -> None:
        self._bytes.update(chunk)

    @property
    def sha256(self) -> str:
        """Of the file alone."""
        return self._bytes.hexdigest()

    @property
    def body(self) -> bytes:
        return idempotency.body_hash("ImportFile", self._header + self._bytes.digest())


async def first_report(
    db: Database, call: Call, header: pb.ImportHeader, parts: AsyncIterator[pb.ImportFileRequest]
) -> pb.ImportReport | None:
    """None when the key is new. Raises IdempotencyMismatch for another file or mapping."""
    if not call.idempotency_key:
        return None
    key = (call.actor, call.idempotency_key)
    async with db.read() as tx:
        known = (await lookups.known_replies(tx, [key])).get(key)
        if known is None:
            return None
        digest, reply = known
        first = idempotency.opened(tx, call, reply) if reply is not None else None
    file_hash = FileHash(header)
    async for chunk in whole_chunks(parts):
        file_hash.update(chunk)
    if digest != file_hash.body or first is None:
        raise IdempotencyMismatch
    return cast(pb.ImportReport, first)


async def keep_report(tx: Tx, call: Call, body: bytes, report: pb.ImportReport) -> None:
    """Two equal files at once both have a true report; the first to end is kept."""
    if call.idempotency_key:
        await tx.execute(
            "INSERT INTO idempotency (actor, key, body_hash, reply, at) VALUES ($1, $2, $3, $4, $5)"
            " ON CONFLICT DO NOTHING",
            call.actor,
            call.idempotency_key,
            body,
            idempotency.sealed(tx, call, report),
            tx.now,
        )
