"""What is committed of a rendering, to be read when it changes. Renew it: `python -m tests.deploy.chart.golden`."""

from pathlib import Path
from typing import Any

import yaml

from tests.deploy.chart.pods import standing
from tests.deploy.chart.profiles import release_of
from tests.deploy.chart.release import Release

FOLDER = Path(__file__).resolve().parent / "golden"
RENDERED, SELECTORS = FOLDER / "minimal.yaml", FOLDER / "selectors.yaml"
# Between them they have every workload that can be selected.
_SELECTING = ("minimal", "split", "dev-bundled")


def rendered() -> str:
    """The least installation, template by template."""
    texts = release_of("minimal").texts
    parts = [f"# Source: {path}\n{_squeezed(texts[path])}" for path in sorted(texts) if _squeezed(texts[path])]
    return "".join(parts)


def _squeezed(text: str) -> str:
    lines = [line.rstrip() for line in text.splitlines()]
    return "".join(f"{line}\n" for line in lines if line)


def selectors() -> str:
    """What the API server lets nobody change on an upgrade."""
    found = {profile: immutable(release_of(profile)) for profile in _SELECTING}
    return yaml.safe_dump(found, sort_keys=True, width=120)


def immutable(release: Release) -> dict[str, Any]:
    workloads = {pod.where: {"selector": pod.owner["spec"]["selector"]} for pod in standing(release)}
    for pod in standing(release):
        if pod.owner["kind"] == "StatefulSet":
            fields = ("serviceName", "volumeClaimTemplates", "podManagementPolicy")
            workloads[pod.where] |= {key: pod.owner["spec"].get(key) for key in fields}
    services = {
        f"Service/{s['metadata']['name']}": {"clusterIP": s["spec"].get("clusterIP")} for s in release.of("Service")
    }
    return workloads | services


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    RENDERED.write_text(rendered())
    SELECTORS.write_text(selectors())
