"""How wrong passwords slow down whoever guesses, and nobody else. Hashing is cheap here, so that no wait runs out."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from argon2 import PasswordHasher

from chassis.call import Call
from chassis.db import Database
from chassis.errors import TooManyRequests, Unauthenticated
from gateway.adapters.passwords import Passwords
from gateway.app.persons import NewPerson, register_person
from gateway.app.sign_in import Attempt, sign_in

ACCOUNT, PASSWORD = "ada", "correct horse battery staple"
HOME, STRANGER = "192.0.2.1", "198.51.100.1"


@pytest.fixture
async def passwords() -> AsyncIterator[Passwords]:
    cheap = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield cheap
    await cheap.close()


@pytest.fixture
async def db(service_db: Any, call_as: Any, passwords: Passwords) -> Database:
    opened: Database = service_db("gateway")
    admin: Call = call_as("admin")
    new = NewPerson(ACCOUNT, "Ada", None, await passwords.hash(PASSWORD), ["engineer"], None, False, "en")
    async with opened.tx() as tx:
        await register_person(tx, admin, new)
    return opened


async def answer(db: Database, passwords: Passwords, network: str, password: str, free_attempts: int = 2) -> str:
    try:
        await sign_in(db, passwords, Attempt(ACCOUNT, network), password, free_attempts)
    except (Unauthenticated, TooManyRequests) as error:
        return error.slug
    return "signed in"


async def test_a_stranger_who_guesses_locks_no_person_out(db: Database, passwords: Passwords) -> None:
    guesses = [await answer(db, passwords, STRANGER, "wrong") for _ in range(4)]
    assert guesses == ["unauthenticated", "unauthenticated", "sign_in_blocked", "sign_in_blocked"]
    assert await answer(db, passwords, HOME, PASSWORD) == "signed in"
    assert await answer(db, passwords, STRANGER, PASSWORD) == "sign_in_blocked"


async def test_many_strangers_together_wait_and_the_person_where_they_are_known_does_not(
    db: Database, passwords: Passwords
) -> None:
    assert await answer(db, passwords, HOME, PASSWORD, 1) == "signed in"
    for number in range(10):
        assert await answer(db, passwords, f"203.0.113.{number}", "wrong", 1) == "unauthenticated"
    assert await answer(db, passwords, "203.0.113.99", "wrong", 1) == "sign_in_blocked"
    assert await answer(db, passwords, HOME, PASSWORD, 1) == "signed in"


async def test_a_right_password_forgives_the_wrong_ones_before_it(db: Database, passwords: Passwords) -> None:
    for _ in range(3):
        assert await answer(db, passwords, HOME, "wrong") == "unauthenticated"
        assert await answer(db, passwords, HOME, PASSWORD) == "signed in"
