"""How common words are here and now: counted over the newest texts, again when an hour passed or the house grew."""

import asyncio
from datetime import datetime, timedelta

from chassis.db import Tx
from intake.adapters import likeness
from intake.domain.likeness.background import Background

_KEPT = timedelta(hours=1)
_GROWTH = 1.2


class Backgrounds:
    def __init__(self) -> None:
        self._background = Background()
        self._taken_at: datetime | None = None
        self._complaints = 0

    async def current(self, tx: Tx) -> Background:
        complaints = await likeness.indexed(tx)
        if self._is_old(tx.now, complaints):
            texts = await likeness.sample(tx)
            # Off the loop: a second of work at 2,000 long texts.
            self._background = await asyncio.to_thread(Background.of, texts)
            self._taken_at, self._complaints = tx.now, complaints
        return self._background

    def _is_old(self, now: datetime, complaints: int) -> bool:
        if self._taken_at is None or now - self._taken_at > _KEPT:
            return True
        return self._complaints < likeness.BACKGROUND and complaints > self._complaints * _GROWTH
