"""The proof of dashboards and alerts: a real Prometheus has scraped the demo and what went wrong after it.

Every panel's every query must have shown something that is not zero, and every rule must have found its series.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from stack.stack import Stack
from tests.deploy.observability.promql import selectors, substituted
from tests.deploy.observability.shipped import dashboards, panels, rules
from tests.e2e.incidents import Incidents
from tests.e2e.prometheus import NAMESPACE, Prometheus

# The demo, a dozen incidents, and a machine on which others work.
pytestmark = pytest.mark.timeout(600)
_VARIABLES = {"__rate_interval": "30s", "namespace": NAMESPACE}
# What services look up only now and then, as the panels choose it.
_COMPUTED = (
    'redress_kpi_value{kpi="recurrences",window="30d",profile="valid"} > 0',
    'redress_kpi_value{kpi="mttr_working",window="30d",profile="valid"} > 0',
    "redress_capa_actions_overdue > 0",
    "redress_capa_checks_due > 0",
)
# What the incidents must set off, if only as pending: rules on real metrics, not on samples of our making.
_SET_OFF = {
    "RedressCapaChecksDue",
    "RedressCapaOverdue",
    "RedressDatabaseDown",
    "RedressDeadLetters",
    "RedressErrorBudgetBurn",
    "RedressHighSeverityUnacked",
    "RedressNatsDown",
    "RedressNotReady",
    "RedressRelayRewound",
    "RedressServiceDown",
    "RedressTasksUnassigned",
}


@pytest.fixture(scope="module")
def seen(
    prometheus: Prometheus | None,
    played: dict[str, Any],
    stack: Stack,
    clerk: Any,
    admin: Any,
    nobody: Any,
    complaint_of: Callable[..., dict[str, Any]],
) -> Iterator[Prometheus]:
    if prometheus is None:
        pytest.skip("prometheus is not installed (Debian: apt-get install prometheus)")
    incidents = Incidents(stack, clerk, admin, nobody, complaint_of)
    try:
        incidents.happen()
        for figure in _COMPUTED:
            _wait_for(prometheus, figure)
        yield prometheus
    finally:
        incidents.settle()


def _wait_for(prometheus: Prometheus, figure: str) -> None:
    """What analytics computes of the incidents: the slower it is, the less often."""
    deadline = time.time() + 120
    while not prometheus.at_some_time(figure):
        assert time.time() < deadline, f"{figure} is not seen"
        time.sleep(0.5)
    time.sleep(2)


def test_every_query_of_every_panel_shows_something_that_is_not_zero(seen: Prometheus, stack: Stack) -> None:
    empty = []
    for name, dashboard in dashboards().items():
        chosen = {**_VARIABLES, "service": f"({'|'.join(stack.replicas)})"}
        for variable in dashboard["templating"]["list"]:
            chosen.setdefault(variable["name"], variable.get("current", {}).get("value", ""))
        for panel in panels(dashboard):
            for target in panel["targets"]:
                expr = substituted(target["expr"], chosen)
                if not seen.at_some_time(expr):
                    empty.append(f"{name}, {panel['title']}: {expr}")
    assert empty == [], "\n".join(empty)


def test_new_versions_are_marked_on_every_dashboard(seen: Prometheus) -> None:
    for dashboard in dashboards().values():
        assert seen.at_some_time(substituted(dashboard["annotations"]["list"][0]["expr"], _VARIABLES))


def test_prometheus_evaluates_every_rule_without_an_error(seen: Prometheus) -> None:
    evaluated = [rule for group in seen.ask("rules")["groups"] for rule in group["rules"]]
    assert len(evaluated) == len(rules())
    assert [(rule["name"], rule.get("lastError")) for rule in evaluated if rule["health"] != "ok"] == []


def test_every_rule_finds_its_series(seen: Prometheus) -> None:
    asked = {
        selector: rule.get("alert", rule.get("record")) for rule in rules() for selector in selectors(rule["expr"])
    }
    assert len(asked) > 40
    missing = {selector: rule for selector, rule in asked.items() if not seen.seen(selector)}
    assert missing == {}


def test_what_went_wrong_set_off_its_alert_and_says_so_in_whole_sentences(seen: Prometheus) -> None:
    known = {series["metric"]["alertname"] for series in seen.seen("ALERTS")}
    assert _SET_OFF - known == set()
    for alert in seen.ask("alerts")["alerts"]:
        for text in alert["annotations"].values():
            assert not re.search(r"\{\{|<no value>|<error", text), text
