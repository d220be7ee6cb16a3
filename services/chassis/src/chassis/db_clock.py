"""The time of a service is its database's, carried on by the monotonic clock between two looks.

A host whose clock was set wrong then stamps, judges ("lies in the future") and chases by the same time as its replicas.
"""

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chassis.clock import utc_now

_LOOK_EVERY_S = 10.0


class DatabaseClock:
    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._offset_s: float | None = None
        """PostgreSQL's time less our monotonic clock's."""
        self._look_at = 0.0

    def now(self) -> datetime:
        """Our own clock's time as long as the database was never asked."""
        if self._offset_s is None:
            return utc_now()
        return datetime.fromtimestamp(self._offset_s + self._monotonic(), UTC)

    def seconds(self) -> float:
        """The same in seconds of the epoch."""
        return self.now().timestamp()

    def earlier_s(self) -> float:
        """By whichever clock is behind, ours or the database's: nothing is over because one of them was set wrong."""
        return min(self.seconds(), utc_now().timestamp())

    def later_s(self) -> float:
        """By whichever clock is ahead: what is given a life by it has all of it, whoever judges."""
        return max(self.seconds(), utc_now().timestamp())

    async def asked(self, conn: Any) -> datetime:
        """The same, after a look at the database where the last is too long ago."""
        begun = self._monotonic()
        if self._offset_s is None or begun >= self._look_at:
            there: datetime = await conn.fetchval("SELECT clock_timestamp()")
            self._offset_s = self._settled(there.timestamp(), begun, self._monotonic())
            self._look_at = begun + _LOOK_EVERY_S
        return self.now()

    def _settled(self, there: float, begun: float, ended: float) -> float:
        """What is known stays while the look agrees with it; else the least that the look allows.

        The answer was written somewhere between `begun` and `ended`. To guess the middle put a service on a busy
        machine half a second ahead of its database, and what it made due at once was not due for `now()` of SQL.
        """
        least, most = there - ended, there - begun
        if self._offset_s is not None and least <= self._offset_s <= most:
            return self._offset_s
        return least

    def ahead_s(self) -> float:
        """How far our own clock is ahead of the database's; negative when behind."""
        return (utc_now() - self.now()).total_seconds()
