import asyncio
import time
from typing import Any, cast

import pytest
from starlette.applications import Starlette

from chassis import http
from chassis.health import Health
from chassis.http import HttpServer
from chassis.metrics import Metrics


def test_counters_of_events_begin_at_zero_before_the_first() -> None:
    metrics = Metrics("probe", "0")
    metrics.expect(["redress.probe.thing.made.v1"], ["redress.other.thing.seen.v1"])
    value = metrics.registry.get_sample_value
    assert value("redress_events_published_total", {"type": "redress.probe.thing.made.v1"}) == 0
    assert value("redress_events_handled_total", {"type": "redress.other.thing.seen.v1"}) == 0
    assert value("redress_event_retries_total", {"type": "redress.other.thing.seen.v1"}) == 0
    assert value("redress_nats_errors_total", {"kind": "permissions"}) == 0


async def test_a_blocked_event_loop_is_heard_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "_TICK_S", 0.01)
    late: list[float] = []
    server = HttpServer(Starlette(), "127.0.0.1:0", late=late.append)
    await server.start()
    try:
        await asyncio.sleep(0.05)
        time.sleep(0.2)  # noqa: ASYNC251 - this is what must be heard of
        await asyncio.sleep(0.05)
    finally:
        await server.stop()
    assert max(late) > 0.15
    assert min(late) >= 0


@pytest.mark.parametrize(
    ("verdict", "up", "current"),
    [("ok", 1, 1), ("schema is at 0001, not at 0002; run migrate", 1, 0), ("down: no route to host", 0, None)],
)
async def test_a_schema_that_is_behind_is_no_outage_of_the_database(
    verdict: str, up: int, current: int | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Pool:
        def pool_state(self) -> tuple[int, int]:
            return 0, 8

    async def said(_health: Health) -> str:
        return verdict

    async def nothing(_health: Health) -> None:
        return None

    monkeypatch.setattr(Health, "_database", said)
    monkeypatch.setattr(Health, "_gauges", nothing)
    metrics, nobody = Metrics("probe", "0"), cast(Any, object())
    metrics.schema_current.set(-1)
    health = Health(cast(Any, Pool()), nobody, metrics, nobody)
    health.serving = True
    await health.refresh()
    value: Any = metrics.registry.get_sample_value
    assert value("redress_database_up") == up
    assert value("redress_schema_current") == (-1 if current is None else current)
    assert value("redress_ready") == (verdict == "ok")
