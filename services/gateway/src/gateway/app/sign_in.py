"""Passwords for access tokens, slower with every wrong one. Replicas share the count."""

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import TooManyRequests, Unauthenticated
from gateway.adapters.passwords import Passwords
from gateway.adapters.tables import sign_in_failure as failure
from gateway.app import queries
from gateway.app.persons import normal_account

_FIRST_WAIT, _LONGEST_WAIT, _FORGOTTEN_AFTER = timedelta(seconds=5), timedelta(minutes=15), timedelta(hours=24)


async def sign_in(db: Database, passwords: Passwords, account: str, password: str, free_attempts: int) -> str:
    """The person_id behind account and password.

    Raises Unauthenticated, the same for an unknown account, a wrong password and a disabled person, and
    TooManyRequests while the account has to wait. The hashing stands between two transactions, never inside one.
    """
    account = normal_account(account)
    async with db.read() as tx:
        await _expect_no_wait(tx, account)
        known = await queries.person_by_account(tx, account)
    active = known is not None and known["disabled_at"] is None
    right = await passwords.verify(known["password_hash"] if known else None, password)
    if known is None or not (right and active):
        await _note_failure(db, account, free_attempts)
        raise Unauthenticated("account or password is wrong")
    person_id = str(known["person_id"])
    async with db.tx() as tx:
        await _note_success(tx, account, person_id)
    return person_id


def wait_after(failures: int, free_attempts: int) -> timedelta:
    """No wait for the free attempts, then 5 s, doubled each time, up to 15 minutes."""
    over = failures - free_attempts
    return min(_FIRST_WAIT * 2 ** min(over, 16), _LONGEST_WAIT) if over >= 0 else timedelta()


async def forget_old_failures(tx: Tx) -> int:
    return await tx.run(sa.delete(failure).where(failure.c.last_at < tx.now - _FORGOTTEN_AFTER))


async def _expect_no_wait(tx: Tx, account: str) -> None:
    until: datetime | None = await tx.value(sa.select(failure.c.blocked_until).where(failure.c.account == account))
    if until is not None and until > tx.now:
        seconds = int((until - tx.now).total_seconds()) + 1
        raise TooManyRequests("too many wrong passwords for this account", slug="sign_in_blocked", retry_after=seconds)


async def _note_failure(db: Database, account: str, free_attempts: int) -> None:
    async with db.tx() as tx:
        first = insert(failure).values(account=account, failures=1, last_at=tx.now, blocked_until=tx.now)
        again = {"failures": failure.c.failures + 1, "last_at": tx.now}
        counted = first.on_conflict_do_update(index_elements=["account"], set_=again).returning(failure.c.failures)
        failures: int = await tx.value(counted)
        until = tx.now + wait_after(failures, free_attempts)
        await tx.run(sa.update(failure).where(failure.c.account == account).values(blocked_until=until))


async def _note_success(tx: Tx, account: str, person_id: str) -> None:
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"access:{person_id}")
    await tx.run(sa.delete(failure).where(failure.c.account == account))
    tx.audit(
        aggregate_type="access", aggregate_id=f"access:{person_id}", action="signed in", call=Call(actor=person_id)
    )
