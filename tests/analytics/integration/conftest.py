"""A store, events that come into it, and the figures and facts asked from it."""

import random
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any

import pytest

from analytics.adapters.tables import metadata
from analytics.app import queries
from analytics.app.queries import Formulas
from analytics.entrypoints.consumers import REACTIONS
from chassis.call import Call
from chassis.db import Database, Tx
from chassis.envelope import Received
from redress.analytics.v1 import analytics_pb2 as pb
from redress.catalog import TYPE_OF
from redress.common.v1.common_pb2 import Page
from stack.testing import MigratedDatabases

Event = Received[Any]
_PAYLOAD_OF = {event_type: payload for payload, event_type in TYPE_OF.items()}
FORMULAS = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
Ask = Callable[..., Awaitable[dict[tuple[str, str], pb.KpiValue]]]


async def react_in(tx: Tx, events: Sequence[Event]) -> None:
    """As the chassis does: consecutive events of one type at once, in the order they came."""
    for event_type, run in groupby(events, key=lambda event: event.type):
        await REACTIONS[_PAYLOAD_OF[event_type]](tx, list(run))


async def apply(db: Database, events: Sequence[Event], batch: int = 100) -> None:
    for begin in range(0, len(events), batch):
        async with db.tx() as tx:
            await react_in(tx, events[begin : begin + batch])


@pytest.fixture
def react() -> Callable[..., Any]:
    return apply


@pytest.fixture
def shuffled() -> Callable[[Sequence[Event], int], list[Event]]:
    """The events in another order, a third of them twice."""

    def shuffle(events: Sequence[Event], seed: int) -> list[Event]:
        chance = random.Random(seed)
        again = chance.sample(list(events), len(events) // 3)
        order = [*events, *again]
        chance.shuffle(order)
        return order

    return shuffle


@pytest.fixture(scope="session")
async def analytics_store(migrated: MigratedDatabases) -> AsyncIterator[Database]:
    with migrated.fresh("analytics") as dsns:
        db = Database(dsns.runtime)
        yield db
        await db.close()


@pytest.fixture
async def analytics_db(analytics_store: Database) -> Database:
    """Empty: a database of its own for every test would cost more than the tests."""
    async with analytics_store.tx() as tx:
        for table in metadata.tables.keys() - {"published_definitions"}:
            await tx.execute(f"DELETE FROM {table}")
    return analytics_store


@pytest.fixture
def ask(analytics_db: Database, call_as: Callable[..., Call]) -> Ask:
    """`await ask(keys=[…], grade=…)` -> (key, dimension) -> value."""

    async def get(**request: Any) -> dict[tuple[str, str], pb.KpiValue]:
        async with analytics_db.read() as tx:
            reply = await queries.get_kpis(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest(**request))
        return {(value.key, value.dimension): value for value in reply.values}

    return get


@pytest.fixture
def behind(analytics_db: Database, call_as: Callable[..., Call]) -> Callable[..., Awaitable[list[pb.Fact]]]:
    """Every fact behind a figure, through all pages."""

    async def every(key: str, dimension: str | None = None, limit: int = 2, **wanted: Any) -> list[pb.Fact]:
        facts: list[pb.Fact] = []
        cursor = ""
        while True:
            request = pb.ListKpiFactsRequest(
                key=key, dimension=dimension, filter=pb.GetKpisRequest(**wanted), page=Page(cursor=cursor, limit=limit)
            )
            async with analytics_db.read() as tx:
                reply = await queries.list_kpi_facts(FORMULAS, tx, call_as("quality"), request)
            facts += reply.facts
            cursor = reply.next_cursor
            if not cursor:
                return facts

    return every
