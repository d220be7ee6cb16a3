from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from analytics.app import queries
from analytics.app.queries import Formulas
from chassis.call import Call
from chassis.db import Database
from redress.analytics.v1 import analytics_pb2 as pb

FORMULAS = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def stages(told: Any, react: Any, analytics_db: Database, call_as: Callable[..., Call]) -> Callable[..., Any]:
    """Three cases: straight through, sent back once, and on the fast path."""
    straight, returned, fast = (told(received=NOW - timedelta(days=n), number=f"C26-{n}") for n in (3, 2, 1))
    straight.register().open().enter("diagnosis", "intake", hours=1).enter("root_cause", "diagnosis", hours=5)
    returned.register().open().enter("diagnosis", "intake", hours=3).return_to("intake", "diagnosis", visit=2, hours=4)
    returned.enter("diagnosis", "intake", visit=2, hours=10).enter("root_cause", "diagnosis", visit=1, hours=12)
    fast.register().open().enter("effectiveness", "intake", outcome="skipped", hours=2).close(hours=3)
    await react(analytics_db, [event for case in (straight, returned, fast) for event in case.events])

    async def ask(**request: Any) -> dict[str, pb.StageTime]:
        async with analytics_db.read() as tx:
            reply = await queries.get_stage_times(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest(**request))
        return {stage.stage: stage for stage in reply.stages}

    return ask


async def test_dwell_is_per_visit_and_rework_is_counted_apart(stages: Callable[..., Any]) -> None:
    found = await stages()
    intake, diagnosis = found["intake"], found["diagnosis"]
    assert (intake.visits, intake.complaints, intake.rework_visits) == (3, 2, 1)
    assert (intake.mean_seconds, intake.p50_seconds) == ((1 + 3 + 6) / 3 * 3600, 3 * 3600)
    assert (diagnosis.visits, diagnosis.p50_seconds) == (3, 2 * 3600)
    assert diagnosis.p90_seconds == pytest.approx(3.6 * 3600)


async def test_first_pass_yield_is_the_share_that_passes_with_one_visit(stages: Callable[..., Any]) -> None:
    found = await stages()
    assert found["intake"].first_pass_yield == 0.5
    assert found["diagnosis"].first_pass_yield == 0.5
    assert found["effectiveness"].first_pass_yield == 1.0


async def test_a_visit_that_goes_on_and_a_skipped_stage_are_not_timed(stages: Callable[..., Any]) -> None:
    found = await stages()
    assert "root_cause" not in found
    assert found["effectiveness"].visits == 1


async def test_a_visit_belongs_to_the_period_in_which_it_ended(stages: Callable[..., Any]) -> None:
    found = await stages(**{"from": NOW - timedelta(days=2) + timedelta(hours=5)})
    assert (found["intake"].visits, found["intake"].complaints, found["intake"].rework_visits) == (1, 1, 1)
    assert found["intake"].first_pass_yield == 0.0
