"""Real servers once per run; a freshly migrated database per test that asks for one."""

import os

# Many tests fork servers beside open gRPC channels: gRPC's own handlers in the child may abort it before it begins. It
# looks at this when it is loaded.
os.environ.setdefault("GRPC_ENABLE_FORK_SUPPORT", "0")

import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest

from chassis import definition_service
from chassis.call import Call
from chassis.db import Database
from chassis.definitions import Kind
from chassis.ids import new_id
from chassis.sealing import Sealer, new_key
from redress.definitions.v1 import definitions_pb2 as definitions_pb
from stack.testing import MigratedDatabases, RealServers, embedded_or_container_infra

ServiceDb = Callable[[str], Any]


@pytest.fixture(scope="session")
def infra() -> Iterator[RealServers]:
    with embedded_or_container_infra() as servers:
        yield servers


@pytest.fixture(scope="session")
def migrated(infra: RealServers) -> Iterator[MigratedDatabases]:
    databases = MigratedDatabases(infra)
    yield databases
    databases.close()


@pytest.fixture
async def service_db(migrated: MigratedDatabases) -> AsyncIterator[Callable[[str], Database]]:
    """`service_db("workflow")`: an open Database on a fresh, migrated database, as the runtime role."""
    async with AsyncExitStack() as stack:

        def open_database(service: str) -> Database:
            dsns = stack.enter_context(migrated.fresh(service))
            db = Database(dsns.runtime, sealer=Sealer(new_key()))
            stack.push_async_callback(db.close)
            return db

        yield open_database


@pytest.fixture
def call_as() -> Callable[..., Call]:
    """`call_as("quality", actor=…)`: the call of a person with that role."""

    def make(*roles: str, actor: str | None = None, **more: Any) -> Call:
        return Call(actor=actor or new_id(), roles=frozenset(roles), **more)

    return make


class Shelf:
    """Definitions on a database, planned and published as an administrator does it."""

    def __init__(self, db: Database, *kinds: Kind[Any]) -> None:
        self.db = db
        self.kinds = {kind.name: kind for kind in kinds}
        self.call = Call(actor="admin-1", roles=frozenset({"admin"}))

    async def published(self, kind: str, name: str, version: int = 0) -> dict[str, Any]:
        """The document."""
        request = definitions_pb.GetDefinitionRequest(kind=kind, name=name, version=version)
        async with self.db.read() as tx:
            found = await definition_service.get_definition(self.kinds, tx, self.call, request)
        document: dict[str, Any] = json.loads(found.document)
        return document

    async def plan(self, kind: str, name: str, document: Any) -> definitions_pb.DefinitionPlan:
        request = definitions_pb.PlanDefinitionRequest(kind=kind, name=name, document=json.dumps(document))
        async with self.db.read() as tx:
            return await definition_service.plan_definition(self.kinds, tx, self.call, request)

    async def publish(self, kind: str, name: str, document: Any, **more: Any) -> definitions_pb.Definition:
        request = definitions_pb.PublishDefinitionRequest(kind=kind, name=name, document=json.dumps(document), **more)
        async with self.db.tx() as tx:
            return await definition_service.publish_definition(self.kinds, tx, self.call, request)


@pytest.fixture
def shelf() -> type[Shelf]:
    return Shelf
