"""When the next request is due, and when enough have been sent."""

import asyncio
from dataclasses import dataclass, field


@dataclass
class Pace:
    """Hands out the requests' numbers at `rate_per_s` (0: as fast as they are taken), in an open loop: a slow answer
    does not slow the others down. Ends after `count` or `seconds`, whatever comes first, or when `stop` is set."""

    rate_per_s: float
    count: int | None
    seconds: float | None
    stop: asyncio.Event = field(default_factory=asyncio.Event)
    given: int = 0
    _begun: float | None = None

    async def next(self) -> int | None:
        """Waits until one is due and returns its number, from 1; None when there are no more."""
        now = asyncio.get_running_loop().time()
        if self._begun is None:
            self._begun = now
        due = self._begun + self.given / self.rate_per_s if self.rate_per_s else now
        over = self.seconds is not None and max(due, now) - self._begun >= self.seconds
        if over or self.stop.is_set() or self.given == self.count:
            return None
        self.given += 1
        number = self.given
        if due > now:
            await asyncio.sleep(due - now)
        return number
