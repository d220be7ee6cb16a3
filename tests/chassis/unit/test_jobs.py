import asyncio
from typing import Any

import pytest

from chassis.app import App, forever
from chassis.metrics import Metrics


async def test_what_is_done_every_while_goes_on_after_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    done, failed, rested = [], [], []

    async def rest(seconds: float) -> None:
        rested.append(seconds)

    async def once() -> None:
        done.append(len(done))
        if len(done) == 2:
            raise ValueError("this once")
        if len(done) == 4:
            raise asyncio.CancelledError

    app: App[Any] = App(*[None] * 11)  # type: ignore[arg-type]
    app.metrics = Metrics("probe", "0")
    app.every(15.0, "count", once)
    monkeypatch.setattr(asyncio, "sleep", rest)
    with pytest.raises(asyncio.CancelledError):
        await forever("count", app.jobs["count"], lambda name, error: failed.append((name, str(error))))
    assert failed == [("count", "this once")]
    assert rested == [15.0, 1.0, 15.0]
    assert app.metrics.registry.get_sample_value("redress_duty_done_timestamp_seconds", {"duty": "count"}) > 0  # type: ignore[operator]
