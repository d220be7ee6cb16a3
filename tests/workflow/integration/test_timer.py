import asyncio
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from chassis.errors import Unavailable
from chassis.lease import Lease
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app import case_commands, timer
from workflow.app.counts import show_counts
from workflow.entrypoints.timer import Timer
from workflow.metrics import WorkflowMetrics


def replica(real: Any, name: str, *, batch: int = 100, ttl_s: float = 6.0) -> Timer:
    lease = Lease(real.db, "workflow_timer", holder=name, ttl_s=ttl_s)
    return Timer(real.db, lease, WorkflowMetrics(CollectorRegistry()), every_s=0.01, batch=batch)


async def make_late(real: Any, hours: int) -> None:
    """As if `hours` had passed since everything was due."""
    await real.value(
        "UPDATE tasks SET due_at = due_at - shift, escalate_at = escalate_at - shift, lead_at = lead_at - shift,"
        " manager_at = manager_at - shift"
        " FROM (SELECT task_id AS id, due_at - now() + make_interval(hours => $1) AS shift FROM tasks) AS late"
        " WHERE id = task_id",
        hours,
    )


async def told(real: Any) -> list[str]:
    return [name for name in await real.names() if name.startswith(("task.", "sla."))]


async def test_an_overdue_task_climbs_level_by_level_across_restarts(real: Any) -> None:
    await real.staff()
    await real.open(grade="urgent")
    await make_late(real, 0)
    first = replica(real, "a")
    await first.tick()
    await first.tick()
    assert await told(real) == ["task.overdue"]
    await first.stop()
    await make_late(real, 5)
    second = replica(real, "b")
    for _ in range(3):
        await second.tick()
    assert await told(real) == ["task.overdue", "task.escalated", "task.escalated"]
    levels = [(data["level"], data["to"]) for name, _, data in await real.outbox() if name == "task.escalated"]
    assert levels == [(2, ["cs-2"]), (3, ["boss"])]
    assert await real.value("SELECT escalation FROM tasks") == 3


async def test_two_replicas_say_everything_once(real: Any) -> None:
    await real.staff()
    for _ in range(30):
        await real.open(grade="urgent")
    await make_late(real, 0)
    both = [replica(real, name, batch=7) for name in ("a", "b")]
    await asyncio.gather(*(timer.tick() for timer in both for _ in range(3)))
    assert await told(real) == ["task.overdue"] * 30


async def test_a_holder_whose_lease_moved_on_writes_nothing(real: Any) -> None:
    await real.staff()
    await real.open(grade="urgent")
    await make_late(real, 0)
    old = Lease(real.db, "workflow_timer", holder="old", ttl_s=0.01)
    assert await old.held()
    await asyncio.sleep(0.05)
    assert await Lease(real.db, "workflow_timer", holder="new").held()
    with pytest.raises(Unavailable):
        async with real.db.tx() as tx:
            await timer.fence(tx, old)
            await timer.escalate(tx, 10)
    assert await told(real) == []


async def test_a_deadline_is_warned_of_and_its_breach_told_once(real: Any) -> None:
    await real.open(grade="urgent")
    clock = replica(real, "a")
    for hours in (1.8, 3, 20, 30):
        await real.value(
            "UPDATE cases SET opened_at = opened_at - shift, due_current_at = due_current_at - shift,"
            " response_due_at = response_due_at - shift, case_notice_at = case_notice_at - shift,"
            " response_notice_at = response_notice_at - shift"
            " FROM (SELECT opened_at - now() + make_interval(secs => $1::float8 * 3600) AS shift FROM cases) AS late",
            hours,
        )
        await clock.tick()
        await clock.tick()
    said = [(name, data["clock"]) for name, _, data in await real.outbox() if name.startswith("sla.")]
    assert said == [
        ("sla.warning", "response"),
        ("sla.breached", "response"),
        ("sla.warning", "case"),
        ("sla.breached", "case"),
    ]
    assert await real.value("SELECT version FROM cases") == 1


async def test_a_paused_case_is_not_chased(real: Any) -> None:
    case_id = await real.open(grade="urgent")
    request = pb.PauseRequest(case_id=case_id, if_version=1, reason_code="waiting_for_customer")
    await real.run(case_commands.pause, request)
    await make_late(real, 9)
    await replica(real, "a").tick()
    assert await told(real) == []


async def test_a_task_nobody_has_goes_to_the_first_who_comes(real: Any) -> None:
    case_id = await real.open()
    assert not (await real.case(case_id)).HasField("assignee")
    clock = replica(real, "a")
    await clock.tick()
    await real.staff()
    await clock.tick()
    assert (await real.case(case_id)).assignee == "cs-1"
    assert await told(real) == ["task.assigned"]


async def test_a_correction_that_ran_beside_the_opening_is_caught_up(real: Any) -> None:
    case_id = await real.open()
    await real.value(
        "INSERT INTO early_facts VALUES ($1::uuid, 'regraded', 2, $2)",
        case_id,
        {"grade": "urgent", "reason_code": "wrong_then"},
    )
    await replica(real, "a").tick()
    assert (await real.case(case_id)).grade == "urgent"
    assert await real.value("SELECT count(*) FROM early_facts") == 0


async def test_the_figures_come_from_the_store(real: Any) -> None:
    await real.open(grade="urgent")
    await make_late(real, 1)
    await real.value("UPDATE cases SET response_due_at = now() - interval '1 second'")
    registry = CollectorRegistry()
    async with real.db.read() as tx:
        await show_counts(tx, WorkflowMetrics(registry))
    assert registry.get_sample_value("redress_open_cases", {"stage": "intake", "grade": "urgent"}) == 1
    assert registry.get_sample_value("redress_overdue_tasks", {"department": "customer_service"}) == 1
    assert registry.get_sample_value("redress_unassigned_tasks") == 1
    breached = {"clock": "response", "state": "breached", "grade": "urgent"}
    assert registry.get_sample_value("redress_sla_cases", breached) == 1
    assert registry.get_sample_value("redress_sla_cases", breached | {"grade": "routine"}) == 0


async def test_a_deadline_that_was_warned_of_is_at_risk_until_it_passes(real: Any) -> None:
    case_id = await real.open(grade="routine")
    await real.value("UPDATE cases SET response_notice_at = now() WHERE case_id = $1", case_id)
    clock = replica(real, "a")
    await clock.tick()
    registry = CollectorRegistry()
    async with real.db.read() as tx:
        await show_counts(tx, WorkflowMetrics(registry))
    at_risk = {"clock": "response", "state": "at_risk", "grade": "routine"}
    assert registry.get_sample_value("redress_sla_cases", at_risk) == 1


async def test_only_the_timer_that_holds_the_lease_says_that_it_ran(real: Any) -> None:
    first, second = replica(real, "a"), replica(real, "b")
    await first.tick()
    await second.tick()
    assert first._metrics.timer_ran._value.get() > 0
    assert second._metrics.timer_ran._value.get() == 0
