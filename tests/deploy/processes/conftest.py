"""One installation of the rendered chart for all tests of this folder."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from stack.services import ALL_SERVICES
from tests.deploy.double import in_engine
from tests.deploy.double.cluster import Double
from tests.deploy.double.images import Image, Images, python_image, redress_images
from tests.deploy.double.process import Starter
from tests.deploy.double.requirements import missing
from tests.deploy.double.store import Json
from tests.deploy.engine import find_engine
from tests.deploy.processes.outside import Outside, outside
from tests.deploy.processes.rendered import NAMESPACE, hook_of, install, render, rolled_out

PROCESSES, CONTAINERS = "processes", "containers"
_TAG = os.environ.get("REDRESS_TEST_IMAGE_TAG", "test")
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
    by_engine: bool


@pytest.fixture(scope="package", params=[PROCESSES, CONTAINERS])
def running(request: pytest.FixtureRequest) -> Iterator[tuple[Images, Starter | None]]:
    """By what containers run: namespaces of our own with this machine's programs, or an engine with built images."""
    if request.param == PROCESSES:
        if reason := missing():
            pytest.skip(reason)
        yield redress_images(ALL_SERVICES, _TAG, python_image()), None
        return
    engine = find_engine()
    if reason := in_engine.missing(engine, [f"redress-{service}:{_TAG}" for service in ALL_SERVICES]):
        pytest.skip(reason)
    starter = in_engine.InEngine(str(engine), uuid4().hex[:8])
    yield redress_images(ALL_SERVICES, _TAG, Image()), starter
    starter.end_all()


@pytest.fixture(scope="package")
def installed(running: tuple[Images, Starter | None], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installed]:
    images, starter = running
    with outside(Path(tmp_path_factory.mktemp("outside"))) as around:
        own = {"defaults": _LESS_PATIENT, "services": {"notify": {"split": True}}, "image": {"tag": _TAG}}
        documents = render({**around.values, **own})
        with Double(images, around.hosts, starter) as double:
            double.apply([_secret(name, data) for name, data in around.secrets.items()], NAMESPACE)
            install(double, documents, "pre-install")
            rolled_out(double)
            yield Installed(double, around, _start_test_pod(double, documents), by_engine=starter is not None)


def _secret(name: str, data: Mapping[str, str]) -> Json:
    return {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": dict(data)}


def _start_test_pod(double: Double, documents: list[Json]) -> str:
    [pod] = [document for document in documents if hook_of(document) == "test"]
    double.apply([pod], NAMESPACE)
    return str(pod["metadata"]["name"])
