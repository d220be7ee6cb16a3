"""Images built for this run, or those of REDRESS_TEST_IMAGE_TAG; and the stack with its services in containers."""

import os
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from stack.services import ALL_SERVICES, service_command
from stack.stack import Stack
from tests.deploy.engine import ask, find_engine, has_image, launcher, remove_containers

REPOSITORY = Path(__file__).resolve().parents[3]
BASE = os.environ.get("REDRESS_TEST_BASE_IMAGE", "docker.io/library/python:3.13-slim")
ImageOf = Callable[[str], str]
_READY_WITHIN_S = 300


@pytest.fixture(scope="package")
def engine() -> str:
    found = find_engine()
    if found is None:
        pytest.skip("no container engine answers: images are neither built nor run here")
    return found


@pytest.fixture(scope="package")
def image_of(engine: str) -> ImageOf:
    """`image_of("intake")`: its name. The build takes CA, PIP_CONF and ARGS of tools/images.sh from the environment."""
    if tag := os.environ.get("REDRESS_TEST_IMAGE_TAG"):
        missing = [name for name in (*ALL_SERVICES, "ctl") if not has_image(engine, f"redress-{name}:{tag}")]
        assert not missing, f"REDRESS_TEST_IMAGE_TAG={tag}, but {engine} has no image of {', '.join(missing)}"
        return lambda name: f"redress-{name}:{tag}"
    if not has_image(engine, BASE) and ask(engine, "pull", "--quiet", BASE, within_s=300) is None:
        pytest.skip(f"{engine} has no {BASE} and cannot pull it: REDRESS_TEST_BASE_IMAGE names one that is there")
    chosen = {"ENGINE": engine, "BASE": BASE, "TAG": "test", "REGISTRY": "", "SERVICE": ""}
    done = subprocess.run(  # noqa: S603 - our own script
        [str(REPOSITORY / "tools" / "images.sh")], env={**os.environ, **chosen}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"the images were not built: {done.stderr[-4000:]}"
    return lambda name: f"redress-{name}:test"


class Containers:
    """The six services as containers of one run; names are RUN-SERVICE-VERB."""

    def __init__(self, engine: str, image_of: ImageOf) -> None:
        self.engine, self.image_of = engine, image_of
        self.run = f"redress-{uuid4().hex[:8]}"

    def name(self, service: str, verb: str = "serve") -> str:
        return f"{self.run}-{service}-{verb}"

    def command(self, service: str, verb: str) -> list[str]:
        """Provisioning of NATS may come from any service's image."""
        image = self.image_of("intake" if service == "nats" else service)
        program = service_command(service, verb)[1:]
        return launcher(self.engine, image, ["python", *program], run=self.run, name=self.name(service, verb))


@pytest.fixture(scope="package")
def containers(engine: str, image_of: ImageOf) -> Iterator[Containers]:
    made = Containers(engine, image_of)
    yield made
    remove_containers(engine, made.run)


@pytest.fixture(scope="package")
def stack(containers: Containers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Real PostgreSQL and NATS on loopback; migrations and services run in containers, on the network of the host."""
    running = Stack(tmp_path_factory.mktemp("images"), fast=True, command=containers.command)
    running.start(_READY_WITHIN_S)
    yield running
    running.stop()
