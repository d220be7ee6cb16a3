"""`make chart`: lints, renders every profile of ci/ into dist/chart/, packages. Needs neither helm nor a cluster."""

import shutil
import sys
from pathlib import Path

import helm_python as helm
import yaml

ROOT = Path(__file__).resolve().parent.parent
CHART = ROOT / "deploy/helm/redress"
DIST = ROOT / "dist"
_ADVICE = 1
"""Severity of what Helm recommends; an icon, say."""


def main() -> int:
    profiles = {file.name.removesuffix("-values.yaml"): _read(file) for file in sorted((CHART / "ci").glob("*.yaml"))}
    faults = [fault for name, values in profiles.items() for fault in _lint(name, values)]
    if faults:
        print("\n".join(faults))  # noqa: T201
        return 1
    shutil.rmtree(DIST / "chart", ignore_errors=True)
    for name, values in profiles.items():
        print(f"{name}: {_render(name, values)} files in dist/chart/{name}")  # noqa: T201
    print(helm.package(str(CHART), destination=str(DIST)))  # noqa: T201
    return 0


def _read(file: Path) -> dict[str, object]:
    return dict(yaml.safe_load(file.read_text()))


def _lint(profile: str, values: dict[str, object]) -> list[str]:
    found = helm.lint(str(CHART), values, strict=True, quiet=True)
    worse = [f"{m['path']}: {m['error']}" for m in found["messages"] if m["severity"] > _ADVICE]
    return [f"{profile}: {fault}" for fault in dict.fromkeys([*worse, *map(str, found["errors"])])]


def _render(profile: str, values: dict[str, object]) -> int:
    folder = DIST / "chart" / profile
    with helm.Chart.load(str(CHART)) as chart:
        rendered = chart.render(values, name="redress", namespace="redress")
    written = {Path(path).relative_to("redress/templates"): text for path, text in rendered.items() if text.strip()}
    for path, text in written.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text)
    return len(written)


if __name__ == "__main__":
    sys.exit(main())
