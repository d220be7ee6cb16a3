"""Passwords for access tokens, slower with every wrong one. Replicas share the count.

Wrong passwords count for the account and the network they come from, so that a stranger cannot lock a person out. Many
strangers together do make the account wait, but only where that person has not signed in lately.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert

from chassis.call import Call
from chassis.db import Database, Tx
from chassis.errors import TooManyRequests, Unauthenticated
from gateway.adapters.passwords import Passwords
from gateway.adapters.tables import sign_in_failure as failure
from gateway.adapters.tables import sign_in_place as place
from gateway.app import queries

_FIRST_WAIT, _LONGEST_WAIT, _FORGOTTEN_AFTER = timedelta(seconds=5), timedelta(minutes=15), timedelta(hours=24)
_KNOWN_FOR = timedelta(days=30)
# This many wrong passwords from anywhere weigh as one where the person is not known.
_STRANGERS_PER_FAILURE = 10


@dataclass(frozen=True)
class Attempt:
    account: str
    """Casefolded."""
    network: str


async def sign_in(db: Database, passwords: Passwords, attempt: Attempt, password: str, free_attempts: int) -> str:
    """The person_id behind account and password.

    Raises Unauthenticated, the same for an unknown account, a wrong password and a disabled person, and
    TooManyRequests while the account has to wait. The hashing stands between two transactions, never inside one.
    """
    async with db.read() as tx:
        await _expect_no_wait(tx, attempt, free_attempts)
        known = await queries.person_by_account(tx, attempt.account)
    active = known is not None and known["disabled_at"] is None
    right = await passwords.verify(known["password_hash"] if known else None, password)
    if known is None or not (right and active):
        await _note_failure(db, attempt, free_attempts)
        raise Unauthenticated("account or password is wrong")
    person_id = str(known["person_id"])
    async with db.tx() as tx:
        await _note_success(tx, attempt, person_id)
    return person_id


def wait_after(failures: int, free_attempts: int) -> timedelta:
    """No wait for the free attempts, then 5 s, doubled each time, up to 15 minutes."""
    over = failures - free_attempts
    return min(_FIRST_WAIT * 2 ** min(over, 16), _LONGEST_WAIT) if over >= 0 else timedelta()


async def forget_old_failures(tx: Tx) -> int:
    await tx.run(sa.delete(place).where(place.c.last_at < tx.now - _KNOWN_FOR))
    return await tx.run(sa.delete(failure).where(failure.c.last_at < tx.now - _FORGOTTEN_AFTER))


async def _expect_no_wait(tx: Tx, attempt: Attempt, free_attempts: int) -> None:
    until = _blocked_until(await _tried(tx, attempt), free_attempts)
    if until is not None and until > tx.now:
        seconds = int((until - tx.now).total_seconds()) + 1
        raise TooManyRequests("too many wrong passwords for this account", slug="sign_in_blocked", retry_after=seconds)


async def _tried(tx: Tx, attempt: Attempt) -> asyncpg.Record:
    found = await tx.fetchrow(
        "SELECT max(blocked_until) FILTER (WHERE network = $2) AS own_until, sum(failures) AS failures,"
        " max(last_at) AS last_at, EXISTS (SELECT FROM sign_in_place WHERE account = $1 AND network = $2) AS known"
        " FROM sign_in_failure WHERE account = $1",
        attempt.account,
        attempt.network,
    )
    assert found is not None, "an aggregate has one row"
    return found


def _blocked_until(tried: asyncpg.Record, free_attempts: int) -> datetime | None:
    own: datetime | None = tried["own_until"]
    if tried["known"] or tried["last_at"] is None:
        return own
    everywhere: datetime = tried["last_at"] + wait_after(tried["failures"] // _STRANGERS_PER_FAILURE, free_attempts)
    return max(own, everywhere) if own else everywhere


async def _note_failure(db: Database, attempt: Attempt, free_attempts: int) -> None:
    own = (failure.c.account == attempt.account) & (failure.c.network == attempt.network)
    async with db.tx() as tx:
        first = insert(failure).values(**vars(attempt), failures=1, last_at=tx.now, blocked_until=tx.now)
        again = {"failures": failure.c.failures + 1, "last_at": tx.now}
        keys = ["account", "network"]
        counted = first.on_conflict_do_update(index_elements=keys, set_=again).returning(failure.c.failures)
        failures: int = await tx.value(counted)
        until = tx.now + wait_after(failures, free_attempts)
        await tx.run(sa.update(failure).where(own).values(blocked_until=until))


async def _note_success(tx: Tx, attempt: Attempt, person_id: str) -> None:
    await tx.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 0))", f"access:{person_id}")
    own = (failure.c.account == attempt.account) & (failure.c.network == attempt.network)
    await tx.run(sa.delete(failure).where(own))
    seen = insert(place).values(**vars(attempt), last_at=tx.now)
    await tx.run(seen.on_conflict_do_update(index_elements=["account", "network"], set_={"last_at": tx.now}))
    tx.audit(
        aggregate_type="access", aggregate_id=f"access:{person_id}", action="signed in", call=Call(actor=person_id)
    )
