"""Writes that the gateway itself owns: one transaction, one effect per Idempotency-Key, the reply kept beside it."""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

import asyncpg
import msgspec
from google.protobuf.wrappers_pb2 import BytesValue
from starlette.requests import Request

from chassis import idempotency
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict
from gateway.edge.door import door_of
from gateway.edge.exchange import call_of
from gateway.edge.preconditions import idempotency_key

UseCase = Callable[[Tx, Call], Awaitable[Mapping[str, Any]]]


async def write(request: Request, use_case: UseCase) -> dict[str, Any]:
    """Runs `use_case`; with a key that was used before, answers as before. Raises Conflict for a lost race."""
    call = call_of(request, idempotency_key(request.headers.get("idempotency-key")))
    try:
        async with door_of(request).db.tx() as tx:
            return await _once(tx, call, await _digest(request), use_case)
    except asyncpg.UniqueViolationError as error:
        raise Conflict("concurrent_change", "someone else did this at the same time") from error


async def _once(tx: Tx, call: Call, digest: bytes, use_case: UseCase) -> dict[str, Any]:
    tx.traceparent = call.traceparent
    if not call.idempotency_key:
        return dict(await use_case(tx, call))
    known = await idempotency.claim(tx, call, digest)
    if isinstance(known, BytesValue):
        return dict(msgspec.json.decode(known.value))
    content = dict(await use_case(tx, call))
    await idempotency.keep(tx, call, BytesValue(value=msgspec.json.encode(content)))
    return content


async def _digest(request: Request) -> bytes:
    """Keyed, because a body may hold a password and a bare hash of it could be guessed at leisure."""
    pepper = door_of(request).settings.key_pepper.encode()
    condition = request.headers.get("if-match", "")
    what = f"{request.method} {request.url.path} {condition}\n".encode()
    return hmac.new(pepper, what + await request.body(), hashlib.sha256).digest()
