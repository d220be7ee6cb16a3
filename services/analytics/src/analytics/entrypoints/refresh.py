import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from analytics.adapters import gauge_rows
from analytics.app import gauges
from analytics.app.queries import Formulas
from analytics.metrics import BusinessFigures
from chassis.db import Database

_AT_LEAST_EVERY = timedelta(seconds=60)


@dataclass
class Refresh:
    """Keeps a replica's gauges at what the store says; one replica computes, all show the same row."""

    db: Database
    formulas: Formulas
    shown: BusinessFigures
    every_seconds: float
    share: float = 0.02
    """Of the time that may go into computing: a large store is computed less often."""
    seen: datetime | None = None

    async def once(self) -> None:
        async with self.db.tx() as tx:
            if await gauge_rows.take_turn(tx, timedelta(seconds=self.every_seconds), self.share, _AT_LEAST_EVERY):
                begun = time.perf_counter()
                samples = await gauges.compute(tx, self.formulas)
                await gauge_rows.keep(tx, samples, time.perf_counter() - begun)
        async with self.db.read() as tx:
            newer = await gauge_rows.kept(tx, self.seen)
        if newer is not None:
            samples, self.seen = newer
            self.shown.show(samples, self.seen)
