"""The chart as it is published."""

from pathlib import Path

import helm_python as helm
import pytest

from tests.deploy.chart.profiles import ci
from tests.deploy.chart.release import CHART, render

_PUBLISHED = {
    *("Chart.yaml", "values.yaml", "values.schema.json", ".helmignore", "templates", "files", "ci"),
    *("README.md", "VALUES.md", "UPGRADING.md"),
}


@pytest.mark.parametrize("profile", ["minimal", "ha", "gitops", "dev-bundled", "all-on"])
def test_helm_has_nothing_to_say_about_it(profile: str) -> None:
    found = helm.lint(str(CHART), dict(ci(profile)), strict=True, kube_version="1.36.0", with_subcharts=True)
    assert (found["errors"], [m for m in found["messages"] if m["severity"] not in ("INFO", 1)]) == ([], [])


def test_the_package_renders_what_the_folder_does_and_carries_nothing_else(tmp_path: Path) -> None:
    package = Path(helm.package(str(CHART), destination=str(tmp_path)))
    assert package.name == "redress-0.1.0.tgz"
    assert render(ci("gitops"), path=package).texts == render(ci("gitops")).texts
    with helm.Chart.load(str(package)) as chart:
        assert {file["name"].partition("/")[0] for file in chart.files} <= _PUBLISHED
