"""Audit trail, idempotency, leases and errors on a real PostgreSQL."""

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from chassis import audit
from chassis.call import Call, set_current_call
from chassis.clock import utc_now
from chassis.commands import Commands
from chassis.db import Database, Tx
from chassis.errors import Conflict, Forbidden, IdempotencyMismatch, Unavailable
from chassis.housekeeping import Housekeeping
from chassis.lease import Lease
from redress.capa.v1.events import ContainmentDone
from redress.common.v1.common_pb2 import Page, Revision

PERSON = Call(actor="person-1", roles=frozenset({"quality"}))


async def record(probe: Any, *actions: str, aggregate: str = "a1") -> None:
    async with probe.db.tx() as tx:
        for action in actions:
            tx.audit(
                aggregate_type="thing",
                aggregate_id=aggregate,
                action=action,
                call=PERSON,
                changes={"grade": ["一般", "紧急"]},
                reason="new information",
            )


async def test_the_audit_trail_is_a_chain_that_holds(probe: Any) -> None:
    service = await probe()
    await record(service, "created", "changed")
    await record(service, "changed")
    await record(service, "created", aggregate="a2")
    async with service.db.tx() as tx:
        verdict = await audit.verify(tx.conn)
    assert (verdict.entries, verdict.aggregates, verdict.broken) == (4, 2, [])


async def test_the_runtime_role_cannot_change_or_delete_audit_entries(probe: Any) -> None:
    service = await probe()
    await record(service, "created")
    for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            async with service.db.tx() as tx:
                await tx.execute(statement)


async def test_a_change_behind_the_databases_back_breaks_the_chain(probe: Any, infra: Any) -> None:
    service = await probe()
    await record(service, "created", "changed", "changed")
    database = service.settings.dsn.rsplit("/", 1)[-1]
    owner = await asyncpg.connect(infra.databases.server.dsn(database))
    await owner.execute("UPDATE audit SET actor = 'someone else' WHERE n = 2")
    await owner.close()
    async with service.db.tx() as tx:
        verdict = await audit.verify(tx.conn)
    assert verdict.broken == ["thing a1 entry 2"]


async def counted(tx: Tx, call: Call, request: Page) -> Revision:
    n = await tx.fetchval("INSERT INTO handled (complaint_id) VALUES ($1) RETURNING n", request.cursor)
    return Revision(id=request.cursor, version=n)


async def as_caller(call: Call, commands: Commands, request: Page, use_case: Any = counted) -> Revision:
    set_current_call(call)
    reply: Revision = await commands.run(request, use_case)
    return reply


async def test_the_same_key_and_body_get_the_first_answer_again(probe: Any) -> None:
    service = await probe()
    commands = Commands(service.db)
    keyed = replace(PERSON, idempotency_key="k1")
    replies = await asyncio.gather(*(as_caller(keyed, commands, Page(cursor="x")) for _ in range(8)))
    assert len({r.version for r in replies}) == 1
    with pytest.raises(IdempotencyMismatch):
        await as_caller(keyed, commands, Page(cursor="other"))
    other_person = replace(keyed, actor="person-2")
    assert (await as_caller(other_person, commands, Page(cursor="x"))).version != replies[0].version


async def test_keys_past_their_retention_are_forgotten_and_others_kept(probe: Any) -> None:
    service = await probe()
    commands = Commands(service.db)
    for key in ("old", "new"):
        await as_caller(replace(PERSON, idempotency_key=key), commands, Page(cursor=key))
    async with service.db.tx() as tx:
        await tx.execute("UPDATE idempotency SET at = now() - interval '8 days' WHERE key = 'old'")
    housekeeping = Housekeeping(service.db, Lease(service.lease_db, "housekeeping"), idempotency_days=7)
    assert await housekeeping.forget_keys() == 1
    async with service.db.read() as tx:
        assert await tx.fetchval("SELECT array_agg(key) FROM idempotency") == ["new"]


async def test_a_failed_command_leaves_its_key_free(probe: Any) -> None:
    service = await probe()
    commands = Commands(service.db)
    keyed = replace(PERSON, idempotency_key="k1")

    async def fails(tx: Tx, call: Call, request: Page) -> Revision:
        await counted(tx, call, request)
        raise Conflict("not_now", "not now")

    with pytest.raises(Conflict):
        await as_caller(keyed, commands, Page(cursor="x"), fails)
    assert (await as_caller(keyed, commands, Page(cursor="x"))).id == "x"


async def test_a_refusal_leaves_an_audit_entry_although_its_transaction_is_rolled_back(probe: Any) -> None:
    service = await probe()

    async def refuses(tx: Tx, call: Call, request: Page) -> Revision:
        call.require("manager")
        return Revision()

    with pytest.raises(Forbidden):
        await as_caller(PERSON, Commands(service.db), Page(), refuses)
    async with service.db.read() as tx:
        row = await tx.fetchrow("SELECT aggregate_id, action, reason FROM audit")
    assert tuple(row) == ("access:person-1", "refused Page", "403 forbidden")


async def test_events_of_a_failed_transaction_never_exist(probe: Any) -> None:
    service = await probe()
    with pytest.raises(ZeroDivisionError):
        async with service.db.tx() as tx:
            tx.emit(ContainmentDone(case_id="c", place="transit", at=utc_now()), subject="c", sequence=1)
            raise ZeroDivisionError
    async with service.db.read() as tx:
        assert await tx.fetchval("SELECT count(*) FROM outbox") == 0


async def test_a_lease_has_one_holder_and_a_rising_epoch(probe: Any) -> None:
    service = await probe()
    first, second = Lease(service.lease_db, "timer", ttl_s=0.3), Lease(service.lease_db, "timer", ttl_s=0.3)
    assert await first.held()
    assert not await second.held()
    await asyncio.sleep(0.35)
    assert await second.held()
    assert not await first.held()
    assert second.epoch == 2
    await second.release()
    assert await first.held()
    assert first.epoch == 3


async def test_a_lease_from_before_the_databases_clock_was_set_back_is_over(probe: Any) -> None:
    service = await probe()
    gone, next_one = Lease(service.lease_db, "timer"), Lease(service.lease_db, "timer")
    assert await gone.held()
    async with service.lease_db.connection() as conn:
        await conn.execute("UPDATE lease SET until = until + interval '3 hours' WHERE name = 'timer'")
    assert await next_one.held()
    assert not await gone.held()


async def test_an_unreachable_database_is_unavailable() -> None:
    nowhere = Database("postgresql://x:y@127.0.0.1:9/none")
    with pytest.raises(Unavailable):
        async with nowhere.read():
            pass


async def test_a_wrong_argument_is_our_fault_and_not_an_outage(probe: Any) -> None:
    service = await probe()
    with pytest.raises(asyncpg.DataError):
        async with service.db.tx() as tx:
            await tx.fetch("SELECT $1::int", "not a number")
