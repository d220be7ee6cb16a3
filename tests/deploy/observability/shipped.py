"""Rules and dashboards as the chart ships them: rendered, not read from its files."""

import json
import re
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import helm_python as helm
import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/redress"
RULE_TESTS = CHART / "files/rules-tests"
RUNBOOK = ROOT / "docs/runbook.md"
RUNBOOK_URL = "https://runbooks.example/redress"

_HISTOGRAM = ("_bucket", "_count", "_sum")
_LIBRARY = {
    "up",
    "process_start_time_seconds",
    "process_cpu_seconds_total",
    "process_resident_memory_bytes",
    "process_open_fds",
}
_SEEN = {
    "metrics": {"prometheusRule": {"enabled": True, "runbookUrl": RUNBOOK_URL}, "serviceMonitor": {"enabled": True}},
    "dashboards": {"enabled": True},
}


@cache
def objects() -> tuple[dict[str, Any], ...]:
    values = _merged(yaml.safe_load((CHART / "ci/minimal-values.yaml").read_text()), _SEEN)
    with helm.Chart.load(str(CHART)) as chart:
        rendered = chart.render(values, name="redress", namespace="complaints")
    texts = [text for name, text in rendered.items() if name.endswith(".yaml")]
    return tuple(document for text in texts for document in yaml.safe_load_all(text) if document)


def _merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    found = dict(base)
    for key, value in over.items():
        known = found.get(key)
        found[key] = _merged(known, value) if isinstance(known, dict) and isinstance(value, dict) else value
    return found


def rule_files() -> dict[str, list[dict[str, Any]]]:
    """Name of the file in the chart -> its groups, as rendered."""
    found = {
        thing["metadata"]["name"]: thing["spec"]["groups"] for thing in objects() if thing["kind"] == "PrometheusRule"
    }
    return {f"{name.removeprefix('redress-')}.yaml": groups for name, groups in found.items()}


def rules() -> list[dict[str, Any]]:
    return [rule for groups in rule_files().values() for group in groups for rule in group["rules"]]


def alerts() -> list[dict[str, Any]]:
    return [rule for rule in rules() if "alert" in rule]


def write_rules(into: Path) -> list[Path]:
    """Plain rules files, as Prometheus and promtool read them."""
    into.mkdir(parents=True, exist_ok=True)
    for name, groups in rule_files().items():
        (into / name).write_text(yaml.safe_dump({"groups": groups}, allow_unicode=True, sort_keys=False))
    return sorted(into.iterdir())


def dashboards() -> dict[str, dict[str, Any]]:
    """File name -> dashboard, out of the ConfigMaps that Grafana's sidecar finds."""
    maps = [thing for thing in objects() if thing["kind"] == "ConfigMap"]
    found = [thing for thing in maps if "grafana_dashboard" in thing["metadata"].get("labels", {})]
    return {name: json.loads(text) for thing in found for name, text in thing["data"].items()}


def panels(dashboard: dict[str, Any]) -> list[dict[str, Any]]:
    return [panel for panel in dashboard["panels"] if panel["type"] != "row"]


def known_metrics() -> set[str]:
    """Of docs/metrics.md, which is generated from the registries, what its histograms add, and our recording rules."""
    found = dict(
        re.findall(r"^\| `(redress_\w+)`[^|]*\| (\w+) \|", (ROOT / "docs/metrics.md").read_text(), re.MULTILINE)
    )
    parts = {f"{name}{part}" for name, kind in found.items() if kind == "histogram" for part in _HISTOGRAM}
    return set(found) | parts | _LIBRARY | {rule["record"] for rule in rules() if "record" in rule}


def needed(program: str, package: str = "prometheus") -> str:
    """Its path; skips the test where it is not installed."""
    path = shutil.which(program)
    if path is None:
        pytest.skip(f"{program} is not installed (Debian: apt-get install {package})")
    return path
