"""The chart, rendered by the Helm SDK, and put into the double in Helm's order: hooks first, each to its end."""

import time
from collections.abc import Callable, Mapping
from typing import Any

import helm_python as helm
import yaml

from tests.deploy.double.cluster import Double
from tests.deploy.double.store import Json, Store
from tests.deploy.processes.outside import CHART

NAMESPACE, RELEASE = "complaints", "redress"
_HOOK = "helm.sh/hook"


def render(values: Mapping[str, Any], *, is_upgrade: bool = False) -> list[Json]:
    with helm.Chart.load(str(CHART)) as chart:
        files = chart.render(dict(values), name=RELEASE, namespace=NAMESPACE, is_upgrade=is_upgrade)
    texts = [text for name, text in files.items() if name.endswith(".yaml")]
    return [document for text in texts for document in yaml.safe_load_all(text) if document]


def hook_of(document: Json) -> str:
    return str(document["metadata"].get("annotations", {}).get(_HOOK, ""))


def install(double: Double, documents: list[Json], phase: str, timeout_s: float = 120) -> None:
    """`phase`: pre-install or pre-upgrade. Raises AssertionError with a hook's log when it fails."""
    hooks = [document for document in documents if phase in hook_of(document).split(",")]
    double.apply(hooks, NAMESPACE)
    for hook in hooks:
        finish(double, hook["metadata"]["name"], timeout_s)
        double.do(lambda store, done=hook: store.remove(done))  # type: ignore[misc]
    double.apply([document for document in documents if not hook_of(document)], NAMESPACE)


def finish(double: Double, job: str, timeout_s: float) -> None:
    def ended(store: Store) -> list[str]:
        found = store.get("Job", NAMESPACE, job)
        assert found is not None, job
        return [one["type"] for one in found.get("status", {}).get("conditions", ())]

    kinds = wait(double, ended, f"Job {job} to end", timeout_s)
    assert "Complete" in kinds, f"Job {job} failed:\n{logs_of_job(double, job)}"


def logs_of_job(double: Double, job: str) -> str:
    pods = double.do(
        lambda store: [pod for pod in store.all("Pod") if pod["metadata"]["labels"].get("job-name") == job]
    )
    return "\n".join(double.log_of(pod) for pod in pods)


def pods_of(double: Double, component: str) -> list[Json]:
    """That are not about to end."""

    def look(store: Store) -> list[Json]:
        return [
            pod
            for pod in store.all("Pod", NAMESPACE)
            if pod["metadata"]["labels"].get("app.kubernetes.io/component") == component
            and "deletionTimestamp" not in pod["metadata"]
        ]

    return double.do(look)


def rolled_out(double: Double, timeout_s: float = 240) -> None:
    """Every Deployment has as many available pods of its newest template as it wants, and no others."""

    def unfinished(store: Store) -> list[str]:
        return [item["metadata"]["name"] for item in store.all("Deployment") if not _is_done(item)]

    wait(double, lambda store: not unfinished(store) or None, "the Deployments to roll out", timeout_s)


def _is_done(item: Json) -> bool:
    status, wanted = item.get("status", {}), item["spec"].get("replicas", 1)
    counts = [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
    return status.get("observedGeneration") == item["metadata"]["generation"] and counts == [wanted] * 3


def wait(double: Double, look: Callable[[Store], Any], what: str, timeout_s: float) -> Any:
    """Until `look` finds something true; AssertionError with what all pods say when it takes too long."""
    until = time.monotonic() + timeout_s
    while True:
        found = double.do(look)
        if found:
            return found
        assert time.monotonic() < until, f"waited {timeout_s:g} s for {what}\n{troubles(double)}"
        time.sleep(0.1)


def troubles(double: Double) -> str:
    """Every pod that is not well, with the end of its log."""
    lines = list(double.restarts[-20:])
    for pod in double.do(lambda store: store.all("Pod")):
        for status in pod.get("status", {}).get("containerStatuses", ()):
            if not status["ready"]:
                tail = "\n".join(double.log_of(pod, status["name"]).splitlines()[-8:])
                lines.append(f"{pod['metadata']['name']}/{status['name']} {status['state']}\n{tail}")
    return "\n".join(lines)
