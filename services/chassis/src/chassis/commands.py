"""Runs a use case for an RPC: one transaction, idempotent by key, refusals into the audit trail."""

from collections.abc import Awaitable, Callable
from typing import TypeVar, cast

import asyncpg
from google.protobuf.message import Message

from chassis import idempotency, logs
from chassis.call import Call, current_call
from chassis.db import Database, Tx
from chassis.errors import Conflict, RedressError, Unavailable

_LOG = logs.get("commands")
_TRIES = 4

Request = TypeVar("Request", bound=Message)
Reply = TypeVar("Reply", bound=Message)
UseCase = Callable[[Tx, Call, Request], Awaitable[Reply]]

_RACES = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.UniqueViolationError)


class Commands:
    def __init__(self, db: Database) -> None:
        self._db = db

    async def run(self, request: Request, use_case: UseCase[Request, Reply]) -> Reply:
        """Raises what the use case raises; a lost race is run again on fresh state, then answered with 409."""
        call = current_call()
        try:
            return await self._retried(call, request, use_case)
        except RedressError as error:
            if error.audited:
                await audit_refusal(self._db, call, type(request).__name__, error)
            raise

    async def ask(self, request: Request, query: UseCase[Request, Reply]) -> Reply:
        """Read only."""
        call = current_call()
        try:
            async with self._db.read() as tx:
                return await query(tx, call, request)
        except RedressError as error:
            if error.audited:
                await audit_refusal(self._db, call, type(request).__name__, error)
            raise

    async def _retried(self, call: Call, request: Request, use_case: UseCase[Request, Reply]) -> Reply:
        for left in reversed(range(_TRIES)):
            try:
                return await self._once(call, request, use_case)
            except _RACES as error:
                if not left:
                    raise Conflict("concurrent_change", "someone else changed this at the same time") from error
        raise AssertionError("unreachable")

    async def _once(self, call: Call, request: Request, use_case: UseCase[Request, Reply]) -> Reply:
        async with self._db.tx() as tx:
            tx.traceparent = call.traceparent
            if not call.idempotency_key:
                return await use_case(tx, call, request)
            digest = idempotency.body_hash(type(request).__name__, request.SerializeToString(deterministic=True))
            known = await idempotency.claim(tx, call, digest)
            if known is not None:
                return cast(Reply, known)
            reply = await use_case(tx, call, request)
            await idempotency.keep(tx, call, reply)
            return reply


async def audit_refusal(db: Database, call: Call, what: str, error: RedressError) -> None:
    """Who was refused what, in a transaction of its own because the refused one is rolled back."""
    try:
        async with db.tx() as tx:
            # The chain of refusals has no row to lock.
            aggregate = f"access:{call.actor}"
            await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", aggregate)
            tx.audit(
                aggregate_type="access",
                aggregate_id=aggregate,
                action=f"refused {what}",
                call=call,
                reason=f"{error.status} {error.slug}",
            )
    except Unavailable:
        _LOG.warning("a refusal could not be recorded", what=what, slug=error.slug)
