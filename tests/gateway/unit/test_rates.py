import pytest

from gateway.edge.rates import RateLimiter


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_passes_and_the_next_call_learns_how_long_to_wait() -> None:
    limiter = RateLimiter(Clock())
    assert [limiter.take("k", 2, 3) for _ in range(3)] == [0, 0, 0]
    assert limiter.take("k", 2, 3) == pytest.approx(0.5)


def test_tokens_come_back_with_time_and_never_beyond_the_burst() -> None:
    clock = Clock()
    limiter = RateLimiter(clock)
    for _ in range(3):
        limiter.take("k", 2, 3)
    clock.now += 0.5
    assert limiter.take("k", 2, 3) == 0
    clock.now += 1_000
    assert [limiter.take("k", 2, 3) for _ in range(4)][-1] > 0


def test_keys_do_not_share_a_bucket() -> None:
    limiter = RateLimiter(Clock())
    assert limiter.take("a", 1, 1) == 0
    assert limiter.take("a", 1, 1) > 0
    assert limiter.take("b", 1, 1) == 0


def test_invented_keys_do_not_fill_the_memory() -> None:
    limiter = RateLimiter(Clock(), max_keys=10)
    for number in range(1_000):
        limiter.take(str(number), 1, 1)
    assert len(limiter._buckets) == 10
