"""Two replicas that handle different events of the same cases at the same time."""

import asyncio
import random
from typing import Any

from chassis.db import Database


async def test_concurrent_batches_of_the_same_cases_lose_nothing(told: Any, react: Any, analytics_db: Database) -> None:
    cases = [told(number=f"C26-{n:07}").register().open().enter("diagnosis", "intake", hours=1) for n in range(15)]
    for case in cases:
        case.return_to("intake", "diagnosis", visit=2, hours=2).enter("diagnosis", "intake", visit=2, hours=3)
        case.enter("effectiveness", "diagnosis", hours=4).close(hours=5)
    events = [event for case in cases for event in case.events]
    # One event a transaction, as after a failed batch: many more chances to meet.
    random.Random(7).shuffle(events)
    await asyncio.gather(*(react(analytics_db, events[n::4], 1) for n in range(4)))
    async with analytics_db.read() as tx:
        unfinished = await tx.fetchval("SELECT count(*) FROM stage_visits WHERE t_exit IS NULL")
        visits = await tx.fetchval(
            "SELECT count(*) FROM stage_visits WHERE date_part('epoch', t_exit - t_enter) = 3600"
        )
        closed = await tx.fetchval("SELECT count(*) FROM facts WHERE state = 'closed' AND t_registered IS NOT NULL")
    assert (unfinished, visits, closed) == (0, 5 * 15, 15)
