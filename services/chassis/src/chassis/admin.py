"""AdminService: the same for every service. Role admin only."""

import asyncio
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chassis import audit, dead_letters, ledgers, logs
from chassis.call import Call, current_call
from chassis.commands import audit_refusal
from chassis.consumers import Handler
from chassis.db import Database, Tx
from chassis.envelope import Undecodable, decode
from chassis.errors import Conflict, FieldError, Forbidden, Invalid, NotFound
from chassis.ledgers import Ledger
from chassis.messages import to_message
from chassis.paging import decode_cursor, encode_cursor, limit_of
from redress.admin.v1 import admin_pb2 as pb
from redress.admin.v1 import admin_pb2_grpc

_LOG = logs.get("admin")
_DEAD_LETTER = (
    "id, consumer, event_id, type, subject, error, deliveries, parked_at, replayed_at, discarded_at, discard_reason"
)


class AdminServicer(admin_pb2_grpc.AdminServiceServicer):
    def __init__(self, db: Database, own_ledgers: Mapping[str, Ledger], handler: Handler | None) -> None:
        self._db = db
        self._ledgers = {**ledgers.COMMON, **own_ledgers}
        self._handler = handler

    async def ListLedger(self, request: pb.ListLedgerRequest, context: Any) -> pb.ListLedgerReply:
        await self._admin("ListLedger")
        if request.ledger not in self._ledgers:
            raise Invalid(
                "there is no such ledger", [FieldError("ledger", f"one of {', '.join(sorted(self._ledgers))}")]
            )
        async with self._db.read() as tx:
            rows, cursor = await ledgers.page(self._ledgers[request.ledger], tx, request.cursor, request.limit)
        return pb.ListLedgerReply(rows=[to_message(pb.LedgerRow, vars(row)) for row in rows], next_cursor=cursor)

    async def ListDeadLetters(self, request: pb.ListDeadLettersRequest, context: Any) -> pb.ListDeadLettersReply:
        await self._admin("ListDeadLetters")
        limit, after = limit_of(request), decode_cursor(request.cursor, UUID)
        async with self._db.read() as tx:
            rows = await tx.fetch(
                f"SELECT {_DEAD_LETTER} FROM dead_letter WHERE ($1::uuid IS NULL OR id < $1)"  # noqa: S608
                " AND ($2 OR coalesce(replayed_at, discarded_at) IS NULL) ORDER BY id DESC LIMIT $3",
                after[0] if after else None,
                request.include_replayed,
                limit,
            )
        cursor = encode_cursor(str(rows[-1]["id"])) if len(rows) == limit else ""
        return pb.ListDeadLettersReply(dead_letters=[to_message(pb.DeadLetter, r) for r in rows], next_cursor=cursor)

    async def GetDeadLetter(self, request: pb.GetDeadLetterRequest, context: Any) -> pb.DeadLetter:
        await self._admin("GetDeadLetter")
        async with self._db.read() as tx:
            return await _dead_letter(tx, request.id)

    async def ReplayDeadLetter(self, request: pb.GetDeadLetterRequest, context: Any) -> pb.DeadLetter:
        call = await self._admin("ReplayDeadLetter")
        async with self._db.read() as tx:
            letter = await _dead_letter(tx, request.id)
        if letter.HasField("discarded_at"):
            raise Conflict("already_discarded", "it was discarded and is never handled again")
        error = await self._replay(letter.body.encode())
        async with self._db.tx() as tx:
            if error:
                await dead_letters.mark_failed_again(tx, request.id, error)
            else:
                await dead_letters.mark_replayed(tx, request.id, tx.now)
            action = "replay failed" if error else "replayed"
            tx.audit(aggregate_type="dead_letter", aggregate_id=request.id, action=action, call=call)
        async with self._db.read() as tx:
            return await _dead_letter(tx, request.id)

    async def DiscardDeadLetter(self, request: pb.DiscardDeadLetterRequest, context: Any) -> pb.DeadLetter:
        call = await self._admin("DiscardDeadLetter")
        if not request.reason.strip():
            raise Invalid("a discarded event is explained", [FieldError("reason", "must not be empty")])
        async with self._db.tx() as tx:
            await _dead_letter(tx, request.id)
            await dead_letters.discard(tx, request.id, request.reason)
            tx.audit(
                aggregate_type="dead_letter",
                aggregate_id=request.id,
                action="discarded",
                call=call,
                reason=request.reason,
            )
        async with self._db.read() as tx:
            return await _dead_letter(tx, request.id)

    async def VerifyAudit(self, request: pb.VerifyAuditRequest, context: Any) -> pb.VerifyAuditReply:
        await self._admin("VerifyAudit")
        async with self._db.tx() as tx:
            verdict = await audit.verify(tx.conn)
        return to_message(pb.VerifyAuditReply, vars(verdict))

    async def ListAudit(self, request: pb.ListAuditRequest, context: Any) -> pb.ListAuditReply:
        call = current_call()
        if not call.has("quality", "manager", "admin"):
            await self._refuse(call, "ListAudit")
        async with self._db.read() as tx:
            rows = await tx.fetch(
                "SELECT n, aggregate_type, aggregate_id, at, actor, on_behalf_of, action, changes, reason,"
                " encode(hash, 'hex') AS hash FROM audit WHERE aggregate_id = $1 ORDER BY n",
                request.aggregate_id,
            )
        return pb.ListAuditReply(entries=[to_message(pb.AuditEntry, r) for r in rows])

    async def _replay(self, body: bytes) -> str:
        """Empty when the reaction went through."""
        if self._handler is None:
            return "this service has no reactions"
        try:
            event = decode(body)
            self._handler.check(event)
            await self._handler.handle([event])
        except Undecodable as error:
            return f"unreadable: {error}"
        except asyncio.CancelledError:
            raise
        except Exception as error:
            _LOG.warning("replay failed", error=type(error).__name__, exc_info=True)
            return f"{type(error).__name__}: {error}"
        return ""

    async def _admin(self, what: str) -> Call:
        call = current_call()
        if not call.has("admin"):
            await self._refuse(call, what)
        return call

    async def _refuse(self, call: Call, what: str) -> None:
        error = Forbidden("this is for administrators")
        await audit_refusal(self._db, call, what, error)
        raise error


async def _dead_letter(tx: Tx, dead_letter_id: str) -> pb.DeadLetter:
    row = await tx.fetchrow(
        f"SELECT {_DEAD_LETTER}, body FROM dead_letter WHERE id::text = $1",  # noqa: S608
        dead_letter_id,
    )
    if row is None:
        raise NotFound("there is no such dead letter")
    return to_message(pb.DeadLetter, dict(row) | {"body": row["body"].decode("utf-8", "replace")})
