"""The worker that compares new complaints by their texts. It yields to whoever waits for an answer."""

import asyncio
from time import perf_counter

from prometheus_client import CollectorRegistry, Counter, Gauge

from intake.app.likeness.comparing import Comparing

EVERY_S = 2.0


class LikenessWorker:
    def __init__(self, comparing: Comparing, registry: CollectorRegistry, cores: float = 0.25) -> None:
        self._comparing = comparing
        self._rest = 1 / cores - 1
        """For each second of work: a wave of complaints takes `cores` of a core here at most."""
        self._lag = Gauge(
            "redress_intake_likeness_lag_seconds",
            "Age of the newest complaint whose text was compared, where the worker is behind; else 0",
            registry=registry,
        )
        self._proposed = Counter(
            "redress_intake_likeness_proposals",
            "Repeats proposed by the likeness of texts, after registration",
            registry=registry,
        )

    async def catch_up(self) -> None:
        while True:
            begun = perf_counter()
            progress = await self._comparing.batch()
            self._lag.set(progress.lag_s)
            self._proposed.inc(progress.proposed)
            if not progress.compared:
                return
            await asyncio.sleep((perf_counter() - begun) * self._rest)
