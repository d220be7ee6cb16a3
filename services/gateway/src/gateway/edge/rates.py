from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass


@dataclass
class Bucket:
    tokens: float
    filled_at: float


class RateLimiter:
    """Token buckets by key: `rate_per_s` refills, `burst` tokens fit. The least recently used key is forgotten first.

    Forgetting a key only refills its bucket, so that a flood of invented keys cannot fill the memory.
    """

    def __init__(self, clock: Callable[[], float], max_keys: int = 10_000) -> None:
        self._clock, self._max_keys = clock, max_keys
        self._buckets: OrderedDict[str, Bucket] = OrderedDict()

    def take(self, key: str, rate_per_s: float, burst: float) -> float:
        """Takes one token. Returns 0 when there was one, else the seconds until there is."""
        bucket = self._refilled(key, rate_per_s, burst)
        if bucket.tokens >= 1:
            bucket.tokens -= 1
            return 0.0
        return (1 - bucket.tokens) / rate_per_s

    def _refilled(self, key: str, rate_per_s: float, burst: float) -> Bucket:
        now = self._clock()
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket(burst, now)
            if len(self._buckets) > self._max_keys:
                self._buckets.popitem(last=False)
        self._buckets.move_to_end(key)
        bucket.tokens = min(burst, bucket.tokens + (now - bucket.filled_at) * rate_per_s)
        bucket.filled_at = now
        return bucket
