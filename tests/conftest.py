"""Real servers once per run; a freshly migrated database per test that asks for one."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chassis.call import Call
from chassis.db import Database
from chassis.ids import new_id
from stack.testing import MigratedDatabases, RealServers, embedded_or_container_infra

ServiceDb = Callable[[str], Any]


@pytest.fixture(scope="session")
def infra() -> Iterator[RealServers]:
    with embedded_or_container_infra() as servers:
        yield servers


@pytest.fixture(scope="session")
def migrated(infra: RealServers) -> MigratedDatabases:
    return MigratedDatabases(infra)


@pytest.fixture
async def service_db(migrated: MigratedDatabases) -> AsyncIterator[Callable[[str], Database]]:
    """`service_db("workflow")`: an open Database on a fresh, migrated database, as the runtime role."""
    async with AsyncExitStack() as stack:

        def open_database(service: str) -> Database:
            dsns = stack.enter_context(migrated.fresh(service))
            db = Database(dsns.runtime)
            stack.push_async_callback(db.close)
            return db

        yield open_database


@pytest.fixture
def call_as() -> Callable[..., Call]:
    """`call_as("quality", actor=…)`: the call of a person with that role."""

    def make(*roles: str, actor: str | None = None, **more: Any) -> Call:
        return Call(actor=actor or new_id(), roles=frozenset(roles), **more)

    return make
