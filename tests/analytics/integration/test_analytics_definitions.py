"""The catalogue of KPIs: planned against the store, published, shown everywhere."""

from copy import deepcopy
from typing import Any

import pytest

from analytics.app import queries
from analytics.app.catalogues import KPI_CATALOGUE
from analytics.app.queries import Formulas
from chassis.db import Database
from chassis.errors import Invalid
from redress.analytics.v1 import analytics_pb2 as pb


@pytest.fixture
def db(service_db: Any) -> Database:
    made: Database = service_db("analytics")
    return made


@pytest.fixture
def shelf(db: Database, shelf: Any) -> Any:
    return shelf(db, KPI_CATALOGUE)


async def changed(shelf: Any) -> dict[str, Any]:
    """One figure more, one less, one computed otherwise, one told otherwise."""
    document = deepcopy(await shelf.published("kpi-catalogue", "default"))
    kpis = {kpi["key"]: kpi for kpi in document["kpis"]}
    urgent = deepcopy(kpis["received"]) | {"key": "received_urgent"}
    urgent["measures"][0]["when"] = "grade = 'urgent'"
    kpis["closed"]["measures"][0]["when"] = "NOT historical"
    kpis["open"]["note"] = "As of now."
    document["kpis"] = [kpi for kpi in document["kpis"] if kpi["key"] != "flow_efficiency"] + [urgent]
    return document


async def test_a_plan_says_which_figures_come_go_and_change(shelf: Any) -> None:
    plan = await shelf.plan("kpi-catalogue", "default", await changed(shelf))
    found = {effect.what: list(effect.examples) for effect in plan.effects}
    assert found == {
        "kpis_added": ["received_urgent"],
        "kpis_vanish": ["flow_efficiency"],
        "kpis_computed_otherwise": ["closed: 0 (n = 0) → 0 (n = 0)"],
        "kpis_described_otherwise": ["open"],
    }
    assert (plan.version, plan.next_version) == (2, 3)


async def test_a_published_figure_can_be_asked_for(shelf: Any, db: Database, call_as: Any) -> None:
    await shelf.publish("kpi-catalogue", "default", await changed(shelf))
    formulas = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
    async with db.read() as tx:
        reply = await queries.get_kpis(formulas, tx, call_as("manager"), pb.GetKpisRequest(keys=["received_urgent"]))
        listed = await queries.list_kpis(formulas, tx, call_as("manager"), pb.ListKpisRequest())
    assert [(value.key, value.value) for value in reply.values] == [("received_urgent", 0.0)]
    assert "flow_efficiency" not in {kpi.key for kpi in listed.kpis}


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("weight", "weight is no column of complaints"),
        ("(SELECT 1 FROM audit)", "audit is no column of complaints"),
        ("grade + 1", "operator does not exist"),
        ("1 / (1 - 1)", "division by zero"),
    ],
)
async def test_what_the_store_cannot_compute_is_refused(shelf: Any, value: str, said: str) -> None:
    document = deepcopy(await shelf.published("kpi-catalogue", "default"))
    document["kpis"][0]["measures"][0]["value"] = value
    with pytest.raises(Invalid) as refused:
        await shelf.plan("kpi-catalogue", "default", document)
    (fault,) = refused.value.fields
    assert fault.field.startswith("kpis[0].measures[0]")
    assert said in fault.message
