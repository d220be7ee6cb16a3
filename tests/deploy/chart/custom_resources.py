"""Custom resources asked of the schemas that their operators publish, by way of npm."""

import json
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from tests.deploy.chart.release import Document

CRDS = Path(__file__).resolve().parents[1] / "crds"
_GROUPS = ("monitoring.coreos.com/", "keda.sh/", "gateway.networking.k8s.io/")


class NoSchemas(Exception):
    """Node or the packages cannot be had here."""


def is_custom(document: Document) -> bool:
    return str(document["apiVersion"]).startswith(_GROUPS)


def install() -> None:
    """Once, by the lock; later runs find it warm. Raises NoSchemas."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        raise NoSchemas("Node.js is not here")
    marker = CRDS / "node_modules/.package-lock.json"
    if marker.exists() and marker.stat().st_mtime >= (CRDS / "package-lock.json").stat().st_mtime:
        return
    done = subprocess.run(  # noqa: S603
        [npm, "ci", "--no-audit", "--no-fund", "--ignore-scripts"],
        cwd=CRDS,
        capture_output=True,
        text=True,
        timeout=240,
    )
    if done.returncode:
        raise NoSchemas(f"npm ci: {done.stderr.strip()[-300:]}")


def complaints(resources: Sequence[Document]) -> list[list[str]]:
    """For each resource what is wrong with it."""
    node = shutil.which("node") or "node"
    asked = json.dumps(list(resources))
    done = subprocess.run(  # noqa: S603
        [node, "validate.mjs"], cwd=CRDS, input=asked, capture_output=True, text=True, timeout=60, check=True
    )
    found: list[list[str]] = json.loads(done.stdout)
    return found
