"""Processes and calendars: planned, published, and what running cases keep."""

from copy import deepcopy
from typing import Any

import asyncpg
import pytest

from chassis.errors import Conflict, Forbidden, Invalid, NotFound, StaleVersion
from workflow.app.definitions import CALENDAR, PROCESS


@pytest.fixture
def shelf(real: Any, shelf: Any) -> Any:
    return shelf(real.db, PROCESS, CALENDAR)


def effects(plan: Any) -> dict[str, Any]:
    return {effect.what: effect for effect in plan.effects}


async def test_a_published_process_opens_new_cases_and_leaves_running_ones(real: Any, shelf: Any) -> None:
    before = await real.open()
    document = await shelf.published("process", "simple") | {"opens_new_cases": True}
    plan = await shelf.plan("process", "simple", document)
    assert [(c.path, c.before, c.after) for c in plan.changes] == [("opens_new_cases", "false", "true")]
    assert effects(plan)["new_cases_move"].severity == "warning"
    made = await shelf.publish("process", "simple", document, if_version=1, reason="a small firm now")
    assert (made.version, plan.next_version) == (2, 2)
    case_id = await real.open()
    assert [(await real.case(c)).stage for c in (before, case_id)] == ["intake", "receive"]
    await real.complete(case_id, "receive")
    await real.complete(case_id, "handle", {"handled": "part sent"})
    closed = await real.close(case_id)
    assert (closed.state, closed.stage, closed.path) == ("closed", "close", "full")


async def test_the_same_document_again_makes_no_version(real: Any, shelf: Any) -> None:
    document = await shelf.published("process", "complaint")
    again = dict(reversed(document.items())) | {"warn_share": 0.8}
    plan = await shelf.plan("process", "complaint", again)
    assert (plan.changed, plan.version, plan.next_version, len(plan.changes)) == (False, 1, 1, 0)
    assert (await shelf.publish("process", "complaint", again)).version == 1
    assert await real.value("SELECT count(*) FROM audit WHERE aggregate_type = 'definition'") == 0


async def test_what_is_published_is_audited_and_can_be_changed_by_nobody(real: Any, shelf: Any) -> None:
    document = await shelf.published("process", "complaint") | {"warn_share": 0.7}
    await shelf.publish("process", "complaint", document, reason="MR 42")
    entry = await real.value("SELECT row_to_json(a) FROM audit a WHERE aggregate_id = 'definition:process:complaint'")
    assert (entry["actor"], entry["action"], entry["reason"]) == ("admin-1", "published", "MR 42")
    for statement in ("UPDATE published_definitions SET document = '{}'", "DELETE FROM published_definitions"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await real.value(statement)


async def test_a_plan_says_where_cases_stand_and_what_new_ones_get(real: Any, shelf: Any) -> None:
    await real.open()
    await real.to_root_cause()
    document = deepcopy(await shelf.published("process", "complaint"))
    document["stages"] = [stage for stage in document["stages"] if stage["key"] != "root_cause"]
    document["grades"]["urgent"]["case_hours"] = 20
    found = effects(await shelf.plan("process", "complaint", document))
    assert (found["cases_stay"].count, list(found["cases_stay"].examples)) == (2, ["intake: 1", "root_cause: 1"])
    removed = found["stages_removed"]
    assert (list(removed.examples), removed.count, removed.severity) == (["root_cause"], 1, "warning")
    assert list(found["tasks_removed"].examples) == ["analyse"]
    assert list(found["deadlines_change"].examples) == ["urgent: 2 h / 24 h calendar → 2 h / 20 h calendar"]
    assert await real.value("SELECT count(*) FROM published_definitions WHERE version > 1") == 0


async def test_what_would_strand_work_is_refused(real: Any, shelf: Any) -> None:
    await real.open()
    shipped = await shelf.published("process", "complaint")
    with pytest.raises(Conflict, match="opens_new_cases first"):
        await shelf.plan("process", "complaint", shipped | {"opens_new_cases": False})
    renamed = {"care": shipped["departments"]["customer_service"]}
    smaller = await shelf.published("process", "simple") | {"departments": renamed, "opens_new_cases": True}
    for stage in smaller["stages"]:
        stage["department"] = "care"
    with pytest.raises(Conflict, match=r"customer_service \(1\)"):
        await shelf.publish("process", "simple", smaller)
    with pytest.raises(Invalid) as refused:
        await shelf.publish("process", "simple", smaller | {"calendar": "moon"})
    assert [fault.field for fault in refused.value.fields] == ["calendar"]


async def test_a_calendar_s_plan_counts_the_open_cases_it_would_move(real: Any, shelf: Any) -> None:
    for _ in range(2):
        await real.open(grade="important")
    await real.open(grade="urgent")
    document = deepcopy(await shelf.published("calendar", "cn"))
    document["week"] = {day: ["00:00-12:00"] for day in document["week"] | {"sat": [], "sun": []}}
    effect = effects(await shelf.plan("calendar", "cn", document))["due_dates_differ"]
    assert effect.count == 2
    await shelf.publish("calendar", "cn", document)
    pinned = await real.value("SELECT array_agg(DISTINCT calendar_version) FROM cases")
    await real.open()
    assert (pinned, await real.value("SELECT max(calendar_version) FROM cases")) == ([1], 2)


async def test_a_calendar_by_which_nothing_would_be_due_is_refused(shelf: Any) -> None:
    document = await shelf.published("calendar", "cn") | {"week": {"mon": ["09:00-09:05"]}}
    with pytest.raises(Invalid, match="too little working time"):
        await shelf.publish("calendar", "cn", document)


async def test_who_plans_or_publishes_is_an_administrator_who_saw_the_version(shelf: Any, call_as: Any) -> None:
    document = await shelf.published("calendar", "cn") | {"time_zone": "Europe/Berlin"}
    with pytest.raises(StaleVersion):
        await shelf.publish("calendar", "cn", document, if_version=3)
    with pytest.raises(NotFound):
        await shelf.published("calendar", "cn", 2)
    shelf.call = call_as("quality")
    with pytest.raises(Forbidden):
        await shelf.plan("calendar", "cn", document)
    with pytest.raises(Forbidden):
        await shelf.publish("calendar", "cn", document)


@pytest.mark.parametrize("document", [[], "text", {"kind": "calendar"}, {"version": 3}, {"week": "mon"}])
async def test_a_document_that_is_none_is_refused_with_its_place(shelf: Any, document: Any) -> None:
    with pytest.raises(Invalid) as refused:
        await shelf.publish("calendar", "de", document)
    assert refused.value.fields
