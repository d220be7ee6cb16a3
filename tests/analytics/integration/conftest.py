"""Asks for figures, and for every fact behind one."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from analytics.app import queries
from analytics.app.queries import Formulas
from chassis.call import Call
from chassis.db import Database
from redress.analytics.v1 import analytics_pb2 as pb
from redress.common.v1.common_pb2 import Page

FORMULAS = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
Ask = Callable[..., Awaitable[dict[tuple[str, str], pb.KpiValue]]]


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
