"""The dashboards as Grafana's sidecar gets them from the chart."""

import re
from typing import Any

import pytest

from tests.deploy.observability.promql import names, substituted
from tests.deploy.observability.shipped import dashboards, known_metrics, panels

_BUSINESS = {"complaints.json", "deadlines.json", "entrance.json", "capa.json"}
_BUILT_IN = {"__rate_interval": "1m", "datasource": "prometheus"}


def variables(dashboard: dict[str, Any]) -> dict[str, str]:
    return _BUILT_IN | {variable["name"]: "x" for variable in dashboard["templating"]["list"]}


def test_there_is_one_for_each_question() -> None:
    assert set(dashboards()) == _BUSINESS | {"events.json", "platform.json"}
    uids = [dashboard["uid"] for dashboard in dashboards().values()]
    assert len(set(uids)) == len(uids)


@pytest.mark.parametrize("name", sorted(_BUSINESS | {"events.json", "platform.json"}))
def test_it_is_as_grafana_and_its_readers_want_it(name: str) -> None:
    dashboard = dashboards()[name]
    assert dashboard["id"] is None
    assert dashboard["graphTooltip"] == 1
    assert dashboard["timezone"] == "utc"
    assert {"datasource", "namespace"} <= {variable["name"] for variable in dashboard["templating"]["list"]}
    assert dashboard["links"][0]["tags"] == dashboard["tags"] == ["redress"]
    assert 10 <= len(panels(dashboard)) <= 25
    assert [panel["type"] for panel in panels(dashboard)[:6]] == ["stat"] * 6
    assert len({panel["id"] for panel in dashboard["panels"]}) == len(dashboard["panels"])
    for panel in panels(dashboard):
        assert panel["description"], panel["title"]
        assert panel["fieldConfig"]["defaults"]["unit"], panel["title"]
        assert panel["datasource"]["uid"] == "${datasource}", panel["title"]


@pytest.mark.parametrize("name", sorted(_BUSINESS))
def test_what_business_people_read_is_in_chinese_and_english(name: str) -> None:
    for panel in panels(dashboards()[name]):
        assert re.search(r"[\u4e00-\u9fff]", panel["description"]), panel["title"]
        assert re.search(r"[a-zA-Z]{3}", panel["description"]), panel["title"]


@pytest.mark.parametrize("name", sorted(_BUSINESS | {"events.json", "platform.json"}))
def test_no_panel_overlaps_another(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in dashboards()[name]["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & taken, panel["title"]
        assert at["x"] + at["w"] <= 24
        taken |= cells


@pytest.mark.parametrize("name", sorted(_BUSINESS | {"events.json", "platform.json"}))
def test_queries_ask_for_what_services_expose_in_the_chosen_namespace(name: str) -> None:
    dashboard = dashboards()[name]
    for expr in expressions(dashboard):
        assert "vector(" not in expr
        assert names(substituted(expr, variables(dashboard))) <= known_metrics(), expr
        assert expr.count("redress_") + expr.count("process_") <= expr.count('namespace=~"$namespace"') * 2, expr
        for window in re.findall(r"\[([^]]+)\]", expr):
            assert window in ("$__rate_interval", "1h"), expr


def expressions(dashboard: dict[str, Any]) -> list[str]:
    return [target["expr"] for panel in panels(dashboard) for target in panel["targets"]]


def test_gauges_that_every_replica_shows_alike_are_never_summed_over_replicas() -> None:
    shared = r"redress_(?:kpi_|complaints_|stage_|capa_|deliveries|surveys|sla_cases|open_cases|overdue|unassigned)"
    for dashboard in dashboards().values():
        for expr in expressions(dashboard):
            for before in re.findall(rf"(\w+)\s*(?:by \([^)]*\) )?\({shared}", expr):
                assert before == "max", expr
