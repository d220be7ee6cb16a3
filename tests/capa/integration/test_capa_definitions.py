"""Rules: planned against what was analysed and posted, published, in force at once."""

from copy import deepcopy
from typing import Any

import pytest

from capa.app import analyse
from capa.app.rules import CAPA_RULES, NAME, ruled
from chassis.definition_store import Published
from chassis.errors import Conflict, Invalid
from redress.capa.v1 import capa_pb2 as pb


@pytest.fixture
def shelf(desk: Any, shelf: Any) -> Any:
    return shelf(desk.db, CAPA_RULES)


async def test_a_plan_says_what_was_analysed_otherwise(desk: Any, shelf: Any) -> None:
    await desk.rooted_rca()
    document = deepcopy(await shelf.published("capa-rules", "default"))
    document["blame"]["phrases"].append("the torque is not stated")
    document["blame"]["system_words"] = ["fixture"]
    document["blame"]["remaining_words"] = 5
    document["effectiveness"]["alpha"] = 0.01
    del document["cost_sub_types"]["appraisal"]["audit"]
    plan = await shelf.plan("capa-rules", "default", document)
    found = {effect.what: effect for effect in plan.effects}
    assert (found["roots_judged"].count, found["cost_sub_types_go"].count) == (1, 0)
    assert list(found["cost_sub_types_go"].examples) == ["appraisal.audit"]
    assert found["checks_change"].count == 0


async def test_a_set_of_categories_stays_while_an_analysis_is_filled_in_by_it(desk: Any, shelf: Any) -> None:
    await desk.rca(category_set="4s")
    document = deepcopy(await shelf.published("capa-rules", "default"))
    del document["category_sets"]["4s"]
    with pytest.raises(Conflict, match=r"4s \(1\)"):
        await shelf.publish("capa-rules", "default", document)


async def test_published_rules_are_in_force(desk: Any, shelf: Any) -> None:
    document = deepcopy(await shelf.published("capa-rules", "default"))
    document["category_sets"]["5p"] = {
        "label": {"zh": "5P", "en": "5P"},
        "categories": {"people": {"zh": "人员", "en": "People"}},
    }
    await shelf.publish("capa-rules", "default", document)
    rules = Published(CAPA_RULES, NAME)
    request = pb.OpenRcaRequest(title="t", problem="p", product_family="pump", category_set="5p")
    opened = await desk.do(ruled(rules, analyse.open_rca), desk.engineer, request)
    assert opened.category_set == "5p"
    request.category_set = "7q"
    with pytest.raises(Invalid):
        await desk.do(ruled(rules, analyse.open_rca), desk.engineer, request)
