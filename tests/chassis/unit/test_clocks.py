"""Whose time counts when clocks disagree."""

import json
from datetime import UTC, datetime, timedelta

import pytest

from chassis.clock import utc_now
from chassis.db_clock import DatabaseClock
from chassis.errors import Unauthenticated
from chassis.published_keys import PublishedKeys
from chassis.tokens import Calls, Signer, generate_key

THERE = datetime(2026, 11, 22, 8, tzinfo=UTC)


class Conn:
    delay = 0.0

    def __init__(self) -> None:
        self.asked = 0

    async def fetchval(self, _sql: str) -> datetime:
        self.asked += 1
        return THERE


async def test_the_databases_time_is_carried_on_by_the_monotonic_clock_and_asked_for_now_and_then() -> None:
    passed, conn = [100.0], Conn()
    clock = DatabaseClock(lambda: passed[0])
    assert await clock.asked(conn) == THERE
    passed[0] += 9
    assert await clock.asked(conn) == THERE + timedelta(seconds=9)
    assert conn.asked == 1
    passed[0] += 1
    assert await clock.asked(conn) == THERE
    assert conn.asked == 2


async def test_a_slow_answer_never_puts_us_ahead_of_the_database() -> None:
    passed = [100.0]

    class Slow(Conn):
        async def fetchval(self, sql: str) -> datetime:
            there = await super().fetchval(sql) + timedelta(seconds=passed[0] - 100)
            passed[0] += self.delay
            return there

    conn = Slow()
    clock = DatabaseClock(lambda: passed[0])
    conn.delay = 3.0
    assert await clock.asked(conn) == THERE
    passed[0] += 10
    conn.delay = 0.0
    assert await clock.asked(conn) == THERE + timedelta(seconds=13)
    passed[0] += 10
    conn.delay = 5.0
    assert await clock.asked(conn) == THERE + timedelta(seconds=28), "what is known better stays"


def test_without_a_database_our_own_clock_must_do() -> None:
    assert abs(DatabaseClock().now() - utc_now()) < timedelta(seconds=1)
    assert abs(DatabaseClock().ahead_s()) < 1


async def test_of_two_clocks_that_disagree_the_earlier_judges_and_the_later_signs() -> None:
    ahead = DatabaseClock()
    await ahead.asked(Conn())
    ours = utc_now().timestamp()
    there = ahead.seconds()
    assert ahead.earlier_s() == pytest.approx(min(ours, there), abs=1)
    assert ahead.later_s() == pytest.approx(max(ours, there), abs=1)


async def test_an_expired_token_is_refused_by_the_shared_clock_even_when_it_was_seen_before() -> None:
    now = [1_000.0]
    signer = Signer("gateway", json.dumps(generate_key()), clock=lambda: now[0])

    async def fetch(_url: str) -> dict[str, object]:
        return signer.jwks()

    calls = Calls(PublishedKeys({"gateway": "x"}, fetch), clock=lambda: now[0])
    token = signer.sign("someone", roles=("admin",))
    assert (await calls.verify(token)).actor == "someone"
    now[0] += 301
    with pytest.raises(Unauthenticated):
        await calls.verify(token)
