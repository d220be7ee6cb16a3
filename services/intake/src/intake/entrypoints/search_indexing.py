"""The worker that keeps the index of terms up with the complaints, and how far behind it is."""

from prometheus_client import CollectorRegistry, Gauge

from intake.app.search.indexing import Indexer

EVERY_S = 2.0


class Indexing:
    def __init__(self, indexer: Indexer, registry: CollectorRegistry) -> None:
        self._indexer = indexer
        self._lag = Gauge(
            "redress_intake_search_lag_seconds",
            "Age of the oldest complaint that is not in the index of terms, where the worker is behind; else 0",
            registry=registry,
        )

    async def catch_up(self) -> None:
        while True:
            progress = await self._indexer.batch()
            self._lag.set(progress.lag_s)
            if not progress.more:
                return
