"""The images at work: confined as restricted Pod Security wants it, against real servers, until SIGTERM."""

import json
import os
import signal
import socket
import subprocess
from pathlib import Path

import httpx
import pytest

from stack.process import ManagedProcess
from stack.services import ALL_SERVICES
from stack.stack import Stack
from tests.deploy.engine import ask, launcher
from tests.deploy.images.conftest import Containers, ImageOf

# The first test that asks for images waits for their build.
pytestmark = pytest.mark.timeout(3600)
_GRACE_S = 15


def status_of(containers: Containers, service: str) -> dict[str, str]:
    """Of the container's first process, as the kernel tells it."""
    pid = ask(containers.engine, "inspect", "--format", "{{.State.Pid}}", containers.name(service))
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines)


def inside(containers: Containers, service: str, *command: str) -> subprocess.CompletedProcess[str]:
    argv = [containers.engine, "exec", containers.name(service), *command]
    return subprocess.run(argv, capture_output=True, text=True, timeout=60)  # noqa: S603


def redressctl(containers: Containers, stack: Stack, *arguments: str) -> subprocess.CompletedProcess[str]:
    argv = launcher(containers.engine, containers.image_of("ctl"), ["redressctl", *arguments], run=containers.run)
    told = {"REDRESS_URL": stack.public_url, "REDRESS_KEY": stack.admin_key}
    return subprocess.run(argv, env={**os.environ, **told}, capture_output=True, text=True, timeout=180)  # noqa: S603


@pytest.mark.parametrize("service", ALL_SERVICES)
def test_a_service_runs_as_nobody_without_capabilities(stack: Stack, containers: Containers, service: str) -> None:
    status = status_of(containers, service)
    assert status["Uid"].split() == ["10001"] * 4
    assert status["Gid"].split() == ["10001"] * 4
    assert (int(status["CapEff"], 16), int(status["CapBnd"], 16), status["NoNewPrivs"]) == (0, 0, "1")


@pytest.mark.parametrize("service", ALL_SERVICES)
def test_a_service_can_write_nothing_but_tmp(stack: Stack, containers: Containers, service: str) -> None:
    assert "Read-only file system" in inside(containers, service, "python", "-c", "open('/app/x', 'w')").stderr
    assert inside(containers, service, "python", "-c", "open('/tmp/x', 'w')").returncode == 0


@pytest.mark.parametrize("service", ALL_SERVICES)
def test_probes_and_the_images_own_health_check_answer(stack: Stack, containers: Containers, service: str) -> None:
    for probe in ("livez", "readyz"):
        assert httpx.get(f"{stack.ops_url(service)}/{probe}").status_code == 200
    image = json.loads(ask(containers.engine, "image", "inspect", containers.image_of(service)) or "[]")[0]
    kind, *check = (image.get("HealthCheck") or image.get("Healthcheck") or image["Config"]["Healthcheck"])["Test"]
    assert kind == "CMD"
    assert inside(containers, service, *check).returncode == 0


def test_complaints_go_through_and_redressctl_of_the_image_finds_all_in_agreement(
    stack: Stack, containers: Containers
) -> None:
    loaded = redressctl(containers, stack, "load", "--count", "20")
    assert loaded.returncode == 0, loaded.stderr
    assert json.loads(loaded.stdout.splitlines()[-1])["acknowledged"] == 20
    verified = redressctl(containers, stack, "verify")
    assert verified.returncode == 0, verified.stdout + verified.stderr
    without_stack = redressctl(containers, stack, "up")
    assert (without_stack.returncode, "redress-ctl[stack]" in without_stack.stderr) == (2, True)


def test_a_migration_that_is_told_to_end_does_not_wait_to_be_killed(containers: Containers, tmp_path: Path) -> None:
    """The first process of a container ignores signals that it has no handler for."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        silent.settimeout(300)
        dsn = f"postgresql://nobody:nothing@127.0.0.1:{silent.getsockname()[1]}/nothing?sslmode=disable"
        argv, told = containers.command("intake", "migrate"), {**os.environ, "REDRESS_MIGRATE_DSN": dsn}
        migration = ManagedProcess("migrate", argv, tmp_path / "migrate.log", told)
        migration.start()
        try:
            with silent.accept()[0]:
                migration.request_stop()
                assert migration.wait(_GRACE_S) == 128 + signal.SIGTERM
        finally:
            migration.stop(0)


def test_sigterm_ends_every_service_within_its_grace_and_in_good_order(stack: Stack, containers: Containers) -> None:
    processes = [stack.service(service).process for service in ALL_SERVICES]
    for process in processes:
        process.request_stop()
    assert {process.name: process.wait(_GRACE_S) for process in processes} == {
        f"{service}-0": 0 for service in ALL_SERVICES
    }


@pytest.mark.parametrize("part", [*ALL_SERVICES, "ctl"])
def test_an_image_says_what_it_is_and_what_is_in_it(engine: str, image_of: ImageOf, part: str) -> None:
    image = json.loads(ask(engine, "image", "inspect", image_of(part)) or "[]")[0]
    assert image["Config"]["User"] == "10001:10001"
    assert image["Config"]["Labels"]["org.opencontainers.image.title"] == f"redress-{part}"
    assert image["Config"]["Labels"]["org.opencontainers.image.revision"]
    bill = json.loads(ask(engine, "run", "--rm", "--entrypoint", "python", image_of(part), "-c", _SHOW_BILL) or "{}")
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == f"redress-{part}"
    assert "redress-contracts" in {component["name"] for component in bill["components"]}


@pytest.mark.parametrize("part", [*ALL_SERVICES, "ctl"])
def test_every_source_has_bytecode_that_is_taken_without_a_look_at_the_source(
    engine: str, image_of: ImageOf, part: str
) -> None:
    """All files have one date: bytecode that asked for its source's date would be made anew at every start."""
    assert ask(engine, "run", "--rm", "--entrypoint", "python", image_of(part), "-c", _COUNT_BYTECODE) == "[]"


_COUNT_BYTECODE = """
import importlib.util, pathlib
flag = (1).to_bytes(4, "little")
kept = ((path, pathlib.Path(importlib.util.cache_from_source(path))) for path in pathlib.Path("/app").rglob("*.py"))
print([str(path) for path, code in kept if not code.exists() or code.read_bytes()[4:8] != flag][:5])
"""
_SHOW_BILL = "print(open('/usr/share/redress/sbom.cdx.json').read())"
