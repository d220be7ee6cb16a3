"""Each service, and redressctl, in a fresh environment with its own lock and nothing else: what its image will hold."""

import json
import os
import re
import subprocess
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from stack.services import ALL_SERVICES
from tests.deploy.images.conftest import REPOSITORY

# The first test waits for all environments to be made, at the same time.
pytestmark = pytest.mark.timeout(600)
_AT_A_TIME = 4
_SOURCES = {**{name: f"services/{name}" for name in ALL_SERVICES}, "ctl": "deploy/ctl"}
_EVERY_MODULE = {*ALL_SERVICES, "chassis", "redress", "stack", "redressctl"}
_NEEDED = {**{name: {name, "chassis", "redress"} for name in ALL_SERVICES}, "ctl": {"redressctl", "redress"}}
_LIBRARIES = {**{name: {"redress-contracts", "redress-chassis"} for name in ALL_SERVICES}, "ctl": {"redress-contracts"}}
_LOOK = """
import importlib, importlib.metadata, importlib.util, json, sys
module, *names = sys.argv[1:]
importlib.import_module(module)
found = {name: spec.origin for name in names if (spec := importlib.util.find_spec(name))}
print(json.dumps([found, sorted(one.name for one in importlib.metadata.distributions())]))
"""

Environments = dict[str, Future[Path]]


def install(part: str, folder: Path, *start: Path) -> Path:
    argv = [str(REPOSITORY / "tools" / "install.sh"), part, *map(str, (folder / part, *start))]
    done = subprocess.run(argv, capture_output=True, text=True)  # noqa: S603
    assert done.returncode == 0, f"{part} cannot be installed by itself: {done.stderr}"
    return folder / part / "bin" / "python"


@pytest.fixture(scope="module")
def environments(tmp_path_factory: pytest.TempPathFactory) -> Environments:
    folder = tmp_path_factory.mktemp("installed")
    with ThreadPoolExecutor(_AT_A_TIME) as pool:
        ctl = pool.submit(install, "ctl", folder)
        chassis = install("chassis", folder)
        run(chassis, "-c", "import chassis.service, chassis.migrate")  # its bytecode is taken over with it
        services = {name: pool.submit(install, name, folder, chassis.parents[1]) for name in ALL_SERVICES}
        return {**services, "ctl": ctl}


def run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # In a folder of its own: nothing of the checkout is found by chance.
    told = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    return subprocess.run([python, *arguments], capture_output=True, text=True, cwd=python.parent, env=told)  # noqa: S603


def canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def locked(part: str) -> set[str]:
    lock = (REPOSITORY / _SOURCES[part] / "requirements.lock").read_text()
    return {canonical(name) for name in re.findall(r"^([A-Za-z0-9][\w.-]*)==", lock, re.MULTILINE)}


@pytest.mark.parametrize("part", _SOURCES)
def test_it_starts_from_its_own_lock_and_holds_nothing_of_the_others(environments: Environments, part: str) -> None:
    python = environments[part].result()
    module = "redressctl.__main__" if part == "ctl" else f"{part}.bootstrap"
    looked = run(python, "-c", _LOOK, module, *sorted(_EVERY_MODULE))
    assert looked.returncode == 0, looked.stderr
    found, distributions = json.loads(looked.stdout)
    assert set(found) == _NEEDED[part]
    assert all(place.startswith(str(python.parents[1])) for place in found.values())
    others = {canonical(name) for name in distributions} - locked(part)
    assert others == {f"redress-{part}"} | _LIBRARIES[part]


@pytest.mark.parametrize("service", ALL_SERVICES)
def test_its_command_says_what_it_can_do(environments: Environments, service: str) -> None:
    told = run(environments[service].result(), "-m", service, "--help")
    assert (told.returncode, told.stderr) == (0, "")
    assert "migrate" in told.stdout


def test_redressctl_drives_installations_without_the_embedded_servers_and_says_what_needs_them(
    environments: Environments,
) -> None:
    python = environments["ctl"].result()
    assert run(python, "-m", "redressctl", "--help").returncode == 0
    for command in ("up", "status"):
        refused = run(python, "-m", "redressctl", command)
        assert (refused.returncode, "redress-ctl[stack]" in refused.stderr) == (2, True), refused.stderr


@pytest.mark.parametrize("service", ALL_SERVICES)
def test_what_all_images_share_is_no_more_than_each_service_needs(service: str) -> None:
    """The first layer of third parties is the chassis's lock; the same versions, or there would be two of one."""

    def pins(source: str) -> set[str]:
        lock = (REPOSITORY / source / "requirements.lock").read_text()
        return set(re.findall(r"^\S+==\S+", lock, re.MULTILINE))

    assert pins("services/chassis") <= pins(f"services/{service}")
