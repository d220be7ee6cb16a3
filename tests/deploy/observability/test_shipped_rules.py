"""The alerts as an operator gets them from the chart."""

import re
import shutil
import subprocess
from pathlib import Path

import yaml

from tests.deploy.observability.promql import names
from tests.deploy.observability.shipped import (
    CHART,
    RULE_TESTS,
    RUNBOOK,
    RUNBOOK_URL,
    alerts,
    known_metrics,
    needed,
    rules,
    write_rules,
)

_SEVERITIES = {"critical", "warning", "info"}


def test_every_rules_file_reaches_prometheus() -> None:
    written = [
        rule.get("alert", rule.get("record"))
        for file in sorted((CHART / "files/rules").glob("*.yaml"))
        for group in yaml.safe_load(file.read_text())["groups"]
        for rule in group["rules"]
    ]
    assert sorted(written) == sorted(rule.get("alert", rule.get("record")) for rule in rules())
    assert len(alerts()) > 30


def test_prometheus_accepts_the_rendered_rules(tmp_path: Path) -> None:
    command = [needed("promtool"), "check", "rules", *write_rules(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_fires_when_it_must_and_only_then(tmp_path: Path) -> None:
    write_rules(tmp_path / "rules")
    tests = shutil.copytree(RULE_TESTS, tmp_path / "rules-tests")
    command = [needed("promtool"), "test", "rules", *sorted(tests.iterdir())]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_alert_has_a_test_that_expects_it_to_fire() -> None:
    expected = set()
    for file in RULE_TESTS.glob("*.yaml"):
        for test in yaml.safe_load(file.read_text())["tests"]:
            firing = [case["expr"] for case in test["promql_expr_test"] if case["exp_samples"]]
            expected |= {name for expr in firing for name in re.findall(r'alertname="(\w+)"', expr)}
    assert {rule["alert"] for rule in alerts()} == expected


def test_every_alert_says_how_bad_what_and_where_to_read_on_in_both_languages() -> None:
    for rule in alerts():
        assert rule["labels"]["severity"] in _SEVERITIES, rule["alert"]
        notes = rule["annotations"]
        assert {"summary", "summary_zh", "description", "runbook_url"} == set(notes), rule["alert"]
        assert re.search(r"[\u4e00-\u9fff]", notes["summary_zh"]), rule["alert"]
        assert notes["runbook_url"] == f"{RUNBOOK_URL}#{rule['alert'].lower()}"


def test_every_alert_has_its_heading_in_the_runbook_and_no_heading_is_left_over() -> None:
    headings = re.findall(r"^### (Redress\w+)$", RUNBOOK.read_text(), re.MULTILINE)
    assert len(headings) == len(set(headings))
    assert set(headings) == {rule["alert"] for rule in alerts()}
    rows = re.findall(r"^\| \[(Redress\w+)\]", (RUNBOOK.parent / "runbook.zh-CN.md").read_text(), re.MULTILINE)
    assert rows == headings


def test_the_sample_for_alertmanager_names_alerts_that_exist(tmp_path: Path) -> None:
    sample = re.findall(r"```yaml\n(route:.*?)```", (RUNBOOK.parent / "observability.md").read_text(), re.DOTALL)[0]
    named = re.findall(r"Redress[\w.*]+", sample)
    known = {rule["alert"] for rule in alerts()}
    assert [pattern for pattern in named if not any(re.fullmatch(pattern, alert) for alert in known)] == []
    assert len(yaml.safe_load(sample)["inhibit_rules"]) > 5
    (tmp_path / "alertmanager.yml").write_text(sample)
    command = [needed("amtool", "prometheus-alertmanager"), "check-config", str(tmp_path / "alertmanager.yml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr


def test_templates_of_prometheus_survive_the_templates_of_the_chart() -> None:
    summaries = [rule["annotations"]["summary"] for rule in alerts()]
    assert sum("{{ $labels." in summary or "{{ $value" in summary for summary in summaries) > 20


def test_rules_ask_only_for_metrics_that_services_expose() -> None:
    asked = {name: rule for rule in rules() for name in names(rule["expr"])}
    assert set(asked) - known_metrics() == set()


def test_no_rule_hides_what_is_missing_behind_a_zero() -> None:
    assert [rule["expr"] for rule in rules() if "vector(" in rule["expr"]] == []
