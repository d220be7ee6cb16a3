"""The chart on a cluster: in the order in which an operator meets it, from installation to removal."""

import json
import warnings
from dataclasses import dataclass

import helm_python as helm
import pytest

from tests.deploy.cluster import tools
from tests.deploy.cluster.installation import RELEASE, SELECTOR, Installation
from tests.deploy.cluster.kube import Json, is_ready, until
from tests.deploy.cluster.load import Load
from tests.deploy.cluster.settings import CHART

pytestmark = pytest.mark.timeout(1_800)
_SERVICES = 6
_PODS = 2 * _SERVICES + 2
_BUNDLED = ("redress-dev-postgresql-0", "redress-dev-nats-0")


def test_an_installation_becomes_ready_and_no_container_starts_twice(installed: Installation) -> None:
    installed.settle(_PODS)
    for pod in installed.pods():
        for status in pod["status"]["containerStatuses"]:
            assert status["restartCount"] == 0, pod["metadata"]["name"]


def test_helm_test_registers_a_complaint_and_finds_its_case_receipt_and_figure(installed: Installation) -> None:
    logs = installed.helm.test(RELEASE, timeout=installed.settings.timeout_s, logs=True)["logs"]
    assert "passed" in logs


def test_an_upgrade_under_load_fails_no_request(installed: Installation) -> None:
    before = {pod["metadata"]["uid"] for pod in installed.pods()}
    with Load(installed) as load:
        timeout_s = installed.settings.timeout_s
        installed.helm.upgrade(str(CHART), RELEASE, installed.values(round_="2"), wait="watcher", timeout=timeout_s)
        installed.settle(_PODS)
        load.goes_on(20)
        assert load.failures == [], f"{len(load.failures)} failed, {len(load.acknowledged)} did not"
        acks = load.acks()
    services = [pod for pod in installed.pods() if pod["metadata"]["name"] not in _BUNDLED]
    assert not before & {pod["metadata"]["uid"] for pod in services}, "a pod of the version before is still here"
    assert installed.verify(acks)["verify"] == "clean"


@dataclass(frozen=True)
class Bad:
    """`given_up_s`: for it to become ready, and again for what is put back."""

    values: Json
    given_up_s: int


# A Job that has begun counts as ready for Helm, so its failure is seen only because new pods take longer: every pod
# changes, is replaced while the migration fails, and replaced again.
_BAD = {
    "an image that does not exist": Bad({"image": {"tag": "does-not-exist"}}, 60),
    "a migration that fails": Bad(
        {"migrations": {"backoffLimit": 0}, "services": {"intake": {"database": {"migrateUser": "nobody"}}}}, 240
    ),
}


@pytest.mark.parametrize("what", _BAD)
def test_a_bad_upgrade_is_rolled_back_and_nobody_notices(installed: Installation, what: str) -> None:
    bad, templates = _BAD[what], _templates(installed)
    values = installed.values(round_=what.replace(" ", "-"), **bad.values)
    with Load(installed) as load:
        with pytest.raises(helm.HelmError):
            installed.helm.upgrade(
                str(CHART), RELEASE, values, wait="watcher", timeout=bad.given_up_s, rollback_on_failure=True
            )
        assert installed.helm.history(RELEASE)[-1]["status"] == "deployed"
        installed.settle(_PODS)
        load.goes_on(20)
        assert load.failures == [], f"{len(load.failures)} failed, {len(load.acknowledged)} did not"
    assert _templates(installed) == templates


def _templates(installed: Installation) -> dict[str, Json]:
    found = installed.kube.call("GET", installed.kube.path("deployments", "apps/v1"))["items"]
    return {item["metadata"]["name"]: item["spec"]["template"] for item in found}


def test_every_pod_is_killed_under_load_and_nothing_is_lost(installed: Installation) -> None:
    spared = () if installed.persistent else _BUNDLED
    with Load(installed) as load:
        for name in [pod["metadata"]["name"] for pod in installed.pods()]:
            if name not in spared:
                _kill(installed, name)
                load.goes_on(5)
        acks = load.acks()
    result = installed.verify(acks)
    assert result["verify"] == "clean"
    assert result["checks"]["acknowledged complaints exist"]["n"] > 5 * (_PODS - len(spared))


def _kill(installed: Installation, name: str) -> None:
    killed = installed.kube.get("pods", name)
    assert killed is not None, name
    uid = killed["metadata"]["uid"]
    installed.kube.delete("pods", name, grace_s=0)

    def replaced() -> bool:
        pods = installed.pods()
        return len(pods) == _PODS and all(map(is_ready, pods)) and all(pod["metadata"]["uid"] != uid for pod in pods)

    until(replaced, f"the successor of {name}", installed.settings.timeout_s)


def test_a_stranger_reaches_nothing_where_the_network_enforces_policies(installed: Installation) -> None:
    if not _enforces(installed):
        warnings.warn("this cluster's network does not enforce NetworkPolicies: nothing was proven", stacklevel=1)
        pytest.skip("this cluster's network does not enforce NetworkPolicies")
    forbidden = [f"{installed.host(service)}:7000" for service in ("intake", "workflow", "capa", "notify", "analytics")]
    forbidden += [f"{installed.host('gateway')}:{port}" for port in (7000, 7080, 8080)]
    forbidden += [f"{installed.host('dev-postgresql')}:5432", f"{installed.host('dev-nats')}:4222"]
    assert not any(_reached(installed, forbidden, tools.STRANGER).values())
    front = installed.gateway_url.removeprefix("http://")
    assert _reached(installed, [front], tools.CLIENT) == {front: True}


def _enforces(installed: Installation) -> bool:
    """A server that nobody may reach, asked by somebody."""
    kube, labels = installed.kube, {"redress.io/e2e": "locked"}
    address = {"name": "ADDRESS", "valueFrom": {"fieldRef": {"fieldPath": "status.podIP"}}}
    command = ["python", "-m", "http.server", "8000", "--bind", "$(ADDRESS)"]
    image = installed.settings.python_image
    tools.start(kube, "e2e-locked", image, command, files={"x": ""}, env=[address], labels=labels)
    until(lambda: is_ready(kube.get("pods", "e2e-locked") or {"metadata": {}}), "the locked server", 60)
    target = f"{(kube.get('pods', 'e2e-locked') or {})['status']['podIP']}:8000"
    assert until(lambda: _reached(installed, [target], tools.STRANGER)[target], "the server before it is locked", 30)
    meta, spec = {"name": "e2e-locked"}, {"podSelector": {"matchLabels": labels}, "policyTypes": ["Ingress"]}
    policy = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": meta, "spec": spec}
    kube.create("networkpolicies", policy, "networking.k8s.io/v1")
    try:
        until(lambda: not _reached(installed, [target], tools.STRANGER)[target], "the policy to hold", 30)
    except AssertionError:
        return False
    finally:
        kube.delete("networkpolicies", "e2e-locked", "networking.k8s.io/v1")
        tools.remove(kube, "e2e-locked")
    return True


def _reached(installed: Installation, targets: list[str], labels: dict[str, str]) -> dict[str, bool]:
    command = ["python", "/files/reach.py", *targets]
    image, files = installed.settings.python_image, tools.script("reach.py")
    tools.start(installed.kube, "e2e-reach", image, command, files=files, labels=labels)
    done, log = tools.finished(installed.kube, "e2e-reach", 120)
    assert done, log
    tools.remove(installed.kube, "e2e-reach")
    return dict(json.loads(log.strip().splitlines()[-1]))


def test_an_uninstallation_leaves_nothing_behind(installed: Installation) -> None:
    assert list(installed.kube.labelled(SELECTOR)), "the search finds nothing even while all is there"
    installed.helm.uninstall(RELEASE, wait="watcher", timeout=installed.settings.timeout_s)

    def left() -> list[str]:
        return [*installed.kube.labelled(SELECTOR), *installed.kube.labelled(f"owner=helm,name={RELEASE}")]

    try:
        until(lambda: not left(), "everything of the release to be gone", 120)
    except AssertionError:
        pytest.fail(f"left behind: {left()}")
