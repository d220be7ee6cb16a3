"""One installation of the rendered chart for all tests of this folder."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from stack.services import ALL_SERVICES
from tests.deploy.double.cluster import Double
from tests.deploy.double.images import redress_images
from tests.deploy.double.requirements import missing
from tests.deploy.double.store import Json
from tests.deploy.processes.outside import Outside, outside
from tests.deploy.processes.rendered import NAMESPACE, hook_of, install, render, rolled_out

TAG = "0.1.0"
_LESS_PATIENT: dict[str, Any] = {
    "minReadySeconds": 1,
    "probes": {"startup": {"periodSeconds": 1}, "readiness": {"periodSeconds": 1}},
    "settings": {"REDRESS_GRPC_CONNECTION_AGE_S": 5},
}
"""Fewer seconds of waiting than by default; everything else is the chart's."""


@dataclass(frozen=True)
class Installed:
    double: Double
    outside: Outside
    smoke: str
    """Name of the chart's test pod, started as soon as all was ready."""


@pytest.fixture(scope="package")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    if reason := missing():
        pytest.skip(reason)
    with outside(Path(tmp_path_factory.mktemp("outside"))) as around:
        values = {**around.values, "defaults": _LESS_PATIENT, "services": {"notify": {"split": True}}}
        documents = render(values)
        with Double(redress_images(ALL_SERVICES, TAG), around.hosts) as double:
            double.apply([_secret(around)], NAMESPACE)
            install(double, documents, "pre-install")
            rolled_out(double)
            yield Installed(double, around, _start_test_pod(double, documents))


def _secret(around: Outside) -> Json:
    meta = {"name": "redress"}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": meta, "stringData": dict(around.passwords)}


def _start_test_pod(double: Double, documents: list[Json]) -> str:
    [pod] = [document for document in documents if hook_of(document) == "test"]
    double.apply([pod], NAMESPACE)
    return str(pod["metadata"]["name"])
