"""What the chart renders, run: the containers' own commands, environments, volumes and probes, on this machine."""

import asyncio
import copy
import time
from pathlib import Path
from urllib.request import urlopen

import pytest

from redress.catalog import OWNERS
from redressctl.target import Target
from redressctl.verify import run as verify
from stack.services import ALL_SERVICES
from tests.deploy.double.store import Json, Store
from tests.deploy.processes.conftest import Installed
from tests.deploy.processes.load import Load
from tests.deploy.processes.metrics import OPS_PORT, samples, total
from tests.deploy.processes.rendered import NAMESPACE, pods_of, rolled_out, wait

pytestmark = pytest.mark.timeout(600)
_HANDED_OVER_S = 30
_SHARE_S = 60


def test_every_pod_comes_up_by_its_probes_and_none_is_started_twice(installed: Installed) -> None:
    for service in ALL_SERVICES:
        pods = pods_of(installed.double, service)
        assert len(pods) == (4 if service == "notify" else 2), service
        for pod in pods:
            with urlopen(f"http://{pod['status']['podIP']}:{OPS_PORT}/readyz", timeout=10) as reply:
                assert reply.status == 200
    assert installed.double.restarts == []


def test_containers_have_their_own_user_a_read_only_root_and_no_capability(installed: Installed) -> None:
    if installed.by_engine:
        pytest.skip("of containers by an engine tests/deploy/images says the same")
    for pid in installed.double.pids():
        status = Path(f"/proc/{pid}/status").read_text()
        assert "CapBnd:\t0000000000000000" in status
        assert "NoNewPrivs:\t1" in status
        assert Path(f"/proc/{pid}/uid_map").read_text().split()[0] == "10001"
        root = next(line for line in Path(f"/proc/{pid}/mountinfo").read_text().splitlines() if line.split()[4] == "/")
        assert root.split()[5].startswith("ro")


def test_two_replicas_of_a_service_have_one_relay_between_them(installed: Installed) -> None:
    for service in OWNERS:
        held = _leases(installed, service)
        until = time.monotonic() + _HANDED_OVER_S
        while sum(held) != 1 and time.monotonic() < until:
            time.sleep(0.5)
            held = _leases(installed, service)
        assert sorted(held) == [0, 1], (service, held)


def _leases(installed: Installed, service: str) -> list[float]:
    """Of every process that may hold it: those that only answer calls never do."""
    pods = [pod for pod in pods_of(installed.double, service) if pod["metadata"]["labels"]["redress.io/role"] != "api"]
    return [total(pod, "redress_relay_holder") for pod in pods]


def test_a_backend_that_appears_gets_calls(installed: Installed, tmp_path: Path) -> None:
    before = {pod["metadata"]["uid"] for pod in pods_of(installed.double, "intake")}
    with _load(installed, tmp_path / "acks.jsonl") as load:
        load.reaches(10, 60)
        _scale(installed, "redress-intake", 3)
        rolled_out(installed.double)
        [new] = [pod for pod in pods_of(installed.double, "intake") if pod["metadata"]["uid"] not in before]
        until = time.monotonic() + _SHARE_S
        while not _registrations(new):
            assert time.monotonic() < until, f"no call reached {new['metadata']['name']} in {_SHARE_S} s"
            time.sleep(0.5)
        _scale(installed, "redress-intake", 2)
        rolled_out(installed.double)
    assert load.failures == []


def _registrations(pod: Json) -> float:
    counts = samples(pod, "redress_rpc_seconds_count")
    return sum(count for labels, count in counts.items() if "RegisterBatch" in labels and '"OK"' in labels)


def _scale(installed: Installed, name: str, replicas: int) -> None:
    def change(store: Store) -> None:
        item = copy.deepcopy(store.get("Deployment", NAMESPACE, name))
        assert item is not None
        item["spec"]["replicas"] = replicas
        store.put(item)

    installed.double.do(change)


def test_the_test_pod_of_the_chart_passes_as_rendered(installed: Installed) -> None:
    """It has been at work since the installation was ready: most of its time it waits for a figure."""

    def ended(store: Store) -> Json | None:
        pod = store.get("Pod", NAMESPACE, installed.smoke)
        return pod if pod and pod.get("status", {}).get("phase") in ("Succeeded", "Failed") else None

    pod = wait(installed.double, ended, "the test pod to end", 240)
    log = installed.double.log_of(pod)
    assert pod["status"]["phase"] == "Succeeded", log
    assert "sent to" in log
    assert "passed" in log
    assert installed.outside.admin_key not in log


def test_everything_is_restarted_under_load_and_no_request_fails(installed: Installed, tmp_path: Path) -> None:
    acks = tmp_path / "acks.jsonl"
    with _load(installed, acks) as load:
        load.reaches(20, 60)
        _restart_all(installed)
        rolled_out(installed.double)
        load.reaches(20, 60)
    assert load.failures == [], f"{len(load.failures)} failed, {load.acknowledged} did not"
    assert installed.double.restarts == []
    report = asyncio.run(verify(Target(load.url, installed.outside.admin_key), acks=acks, wait_s=60))
    assert report.clean, report.named()
    assert next(check.looked_at for check in report.checks if check.name == "acknowledged complaints exist") >= 40


def _restart_all(installed: Installed) -> None:
    """As `kubectl rollout restart deployment` does."""

    def change(store: Store) -> None:
        for known in store.all("Deployment", NAMESPACE):
            item = copy.deepcopy(known)
            annotations = item["spec"]["template"]["metadata"].setdefault("annotations", {})
            annotations["kubectl.kubernetes.io/restartedAt"] = str(time.time())
            store.put(item)

    installed.double.do(change)


def _load(installed: Installed, acks: Path) -> Load:
    def address(store: Store) -> str:
        service = store.get("Service", NAMESPACE, "redress-gateway-http")
        assert service is not None
        return f"http://{service['spec']['clusterIP']}:{service['spec']['ports'][0]['port']}"

    return Load(installed.double.do(address), installed.outside.admin_key, acks)
