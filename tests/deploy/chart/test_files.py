"""What the chart carries in files/ is found by the templates that ship it."""

import re
import shutil
from pathlib import Path

import helm_python as helm
import pytest
import yaml

from tests.deploy.chart.profiles import PROFILES, release_of
from tests.deploy.chart.release import CHART, render

_LITERAL = re.compile(r'\.Files\.(?:Glob|Get|Lines)\s+"([^"]+)"')
# `$path` runs over what a literal pattern found.
_ASKED = re.compile(r"\.Files\.\w+ (?!\$path)")


def templates() -> str:
    return "".join(path.read_text() for path in sorted((CHART / "templates").rglob("*")) if path.is_file())


def test_every_pattern_is_literal_and_matches_a_file() -> None:
    """A pattern that matches nothing renders nothing, for ever, and nobody is told."""
    patterns = _LITERAL.findall(templates())
    assert len(patterns) == len(_ASKED.findall(templates())) > 0
    assert [pattern for pattern in patterns if not list(CHART.glob(pattern))] == []


def test_every_file_is_shipped_by_a_template_or_named_by_the_guide() -> None:
    matched = {path for pattern in _LITERAL.findall(templates()) for path in CHART.glob(pattern)}
    shipped = {path for path in (CHART / "files").rglob("*") if path.is_file() and "rules-tests" not in path.parts}
    guide = (CHART / "README.md").read_text()
    assert [str(p) for p in sorted(shipped - matched) if str(p.relative_to(CHART)) not in guide] == []


@pytest.mark.parametrize(
    "missing", ["files/rules", "files/dashboards", "files/smoke.py", "files/nats", "files/postgresql"]
)
def test_a_chart_packaged_without_its_files_refuses_to_render(missing: str, tmp_path: Path) -> None:
    torn = tmp_path / "redress"
    shutil.copytree(CHART, torn)
    target = torn / missing
    shutil.rmtree(target) if target.is_dir() else target.unlink()
    profile = "dev-bundled" if missing in ("files/nats", "files/postgresql") else "all-on"
    with pytest.raises(helm.HelmRenderError, match=missing):
        render(PROFILES[profile](), path=torn)


def test_every_dashboard_and_every_alert_is_rendered() -> None:
    release = release_of("all-on")
    shipped = {p.name for p in (CHART / "files/dashboards").glob("*.json")}
    labelled = [d for d in release.of("ConfigMap") if "grafana_dashboard" in d["metadata"]["labels"]]
    assert {key for document in labelled for key in document["data"]} == shipped
    files = [yaml.safe_load(path.read_text()) for path in sorted((CHART / "files/rules").glob("*.yaml"))]
    written = {(r.get("alert") or r["record"], r["expr"]) for f in files for g in f["groups"] for r in g["rules"]}
    groups = [group for rule in release.of("PrometheusRule") for group in rule["spec"]["groups"]]
    assert {(r.get("alert") or r["record"], r["expr"]) for group in groups for r in group["rules"]} == written
