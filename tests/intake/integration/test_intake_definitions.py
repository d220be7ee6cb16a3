"""The grading table: planned against past complaints, published, and what registered ones keep."""

from copy import deepcopy
from typing import Any

import pytest

from chassis.errors import Invalid
from intake.app.grading_tables import GRADING_TABLE, Registrars
from redress.intake.v1 import intake_pb2 as pb


@pytest.fixture
def shelf(intake: Any, shelf: Any) -> Any:
    return shelf(intake.db, GRADING_TABLE)


async def stricter(shelf: Any) -> dict[str, Any]:
    """A main function lost is urgent."""
    document = deepcopy(await shelf.published("grading-table", "default"))
    row = next(row for row in document["rows"] if row["id"] == "4")
    row["grade"] = "urgent"
    document["questions"].append(
        {
            "id": "function",
            "columns": ["main_function_lost"],
            "label": {"zh": "主要功能是否丧失", "en": "Function lost"},
        }
    )
    return document


async def test_a_plan_says_which_complaints_would_be_graded_otherwise(
    shelf: Any, intake: Any, given: Any, call_as: Any
) -> None:
    clerk = call_as("customer_service")
    lost = await intake.one(clerk, given(main_function_lost="yes", description="It does not start any more."))
    await intake.one(clerk, given(defect_code="noise", description="It hums in the morning."))
    plan = await shelf.plan("grading-table", "default", await stricter(shelf))
    effect = {effect.what: effect for effect in plan.effects}["grades_change"]
    assert (effect.count, list(effect.examples)) == (1, [f"important → urgent: 1 ({lost.number})"])
    assert [c.path for c in plan.changes] == ["questions[function]", "rows[4].grade"]
    assert "最近 90 天的 2 件投诉" in effect.text.zh


async def test_a_published_table_grades_new_complaints_and_leaves_registered_ones(
    shelf: Any, intake: Any, given: Any, call_as: Any
) -> None:
    clerk = call_as("customer_service")
    before = await intake.one(clerk, given(main_function_lost="yes"))
    assert (await shelf.publish("grading-table", "default", await stricter(shelf))).version == 2
    fresh = Registrars()
    for using in (intake.register, intake.update):
        using._registrars = fresh
    after = await intake.one(clerk, given(main_function_lost="yes", product_family="Pump P8"))
    assert (before.grade, after.grade) == ("important", "urgent")
    changed = pb.UpdateComplaintRequest(complaint_id=before.complaint_id, if_version=1, media="yes", reason="press")
    kept = await intake.run(intake.update, clerk, changed)
    assert (kept.grade, [g.table_version for g in kept.gradings]) == ("important", [1, 1])


async def test_another_replica_goes_by_the_new_table_within_seconds(shelf: Any, intake: Any) -> None:
    other = Registrars()
    other._published._fresh_s = 0.0
    async with intake.db.read() as tx:
        assert (await other(tx)).table.version == 1
    await shelf.publish("grading-table", "default", await stricter(shelf))
    async with intake.db.read() as tx:
        assert (await other(tx)).table.version == 2


async def test_there_is_one_grading_table(shelf: Any) -> None:
    with pytest.raises(Invalid) as refused:
        await shelf.publish("grading-table", "other", await stricter(shelf))
    assert refused.value.fields[0].message == "must be default"
