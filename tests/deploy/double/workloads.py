"""The controllers: what exists is brought one step nearer to what is wanted, again and again."""

import copy
import hashlib
import json
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from tests.deploy.double import admission
from tests.deploy.double.store import Json, Store, matches, now

HASH = "pod-template-hash"
_SECOND_TRY_S = 2.0


def is_ready(pod: Json) -> bool:
    if "deletionTimestamp" in pod["metadata"]:
        return False
    conditions = pod.get("status", {}).get("conditions", ())
    return any(one["type"] == "Ready" and one["status"] == "True" for one in conditions)


def reconcile(store: Store) -> None:
    for kind, controller in CONTROLLERS.items():
        for item in store.all(kind):
            controller(store, item)


def deployment(store: Store, item: Json) -> None:
    spec, template = item["spec"], item["spec"]["template"]
    if not matches(spec["selector"], template["metadata"]["labels"]):
        raise ValueError(f"selector of {item['metadata']['name']} does not match its template")
    wanted, current = spec.get("replicas", 1), hash_of(template)
    pods = [pod for pod in store.owned_by(item, "Pod") if "deletionTimestamp" not in pod["metadata"]]
    new = [pod for pod in pods if pod["metadata"]["labels"].get(HASH) == current]
    old = [pod for pod in pods if pod not in new]
    surge, missing = _bounds(spec.get("strategy", {}), wanted)
    available = [pod for pod in pods if _available(pod, spec.get("minReadySeconds", 0))]
    for _ in range(min(wanted - len(new), wanted + surge - len(pods))):
        new.append(_make_pod(store, item, template, {HASH: current}))
    for pod in new[wanted:]:
        store.delete(pod)
    spare = len(available) - (wanted - missing)
    for pod in sorted(old, key=is_ready):
        if pod not in available or spare > 0:
            spare -= int(pod in available)
            store.delete(pod)
    _tell_deployment(store, item, new, pods, available)


def _tell_deployment(store: Store, item: Json, new: list[Json], pods: list[Json], available: list[Json]) -> None:
    wanted = item["spec"].get("replicas", 1)
    current = [pod for pod in available if pod in new]
    done = len(current) == wanted == len(new) and all(pod in new for pod in pods)
    stuck = not done and _since(item, len(current)) > item["spec"].get("progressDeadlineSeconds", 600)
    why = "NewReplicaSetAvailable" if done else "ProgressDeadlineExceeded" if stuck else "ReplicaSetUpdated"
    enough = len(available) >= wanted - _bounds(item["spec"].get("strategy", {}), wanted)[1]
    status = {
        "observedGeneration": item["metadata"]["generation"],
        "replicas": len(pods),
        "updatedReplicas": len(new),
        "readyReplicas": sum(map(is_ready, pods)),
        "availableReplicas": len(available),
        "unavailableReplicas": max(0, wanted - len(available)),
        "conditions": [
            {"type": "Available", "status": str(enough), "reason": "MinimumReplicasAvailable" if enough else "Minimum"},
            {"type": "Progressing", "status": str(not stuck), "reason": why},
        ],
    }
    store.set_status(item, {name: value for name, value in status.items() if value != 0})


_progress: dict[tuple[str, int], tuple[int, float]] = {}


def _since(item: Json, reached: int) -> float:
    """Seconds since this generation of a Deployment got no further."""
    key = (item["metadata"]["uid"], item["metadata"]["generation"])
    if _progress.get(key, (-1, 0.0))[0] != reached:
        _progress[key] = (reached, time.monotonic())
    return time.monotonic() - _progress[key][1]


def stateful_set(store: Store, item: Json) -> None:
    """One pod after the other, each with its claims; a changed template replaces them from the last one on."""
    spec, template, name = item["spec"], item["spec"]["template"], item["metadata"]["name"]
    current, wanted = hash_of(template), spec.get("replicas", 1)
    pods = {pod["metadata"]["name"]: pod for pod in store.owned_by(item, "Pod")}
    status: Json = {"observedGeneration": item["metadata"]["generation"], "currentRevision": current}
    updated = [pod for pod in pods.values() if pod["metadata"]["labels"].get("controller-revision-hash") == current]
    ready = sum(map(is_ready, pods.values()))
    status |= {"updateRevision": current, "updatedReplicas": len(updated), "currentReplicas": len(updated)}
    store.set_status(item, status | {"replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready})
    for number in range(wanted):
        pod = pods.get(f"{name}-{number}")
        if pod is None:
            _make_stateful_pod(store, item, template, number, current)
            return
        if not is_ready(pod):
            break
    for pod in reversed(pods.values()):
        if pod not in updated:
            store.delete(pod)
            return


def _make_stateful_pod(store: Store, item: Json, template: Json, number: int, current: str) -> None:
    name = f"{item['metadata']['name']}-{number}"
    template = copy.deepcopy(template)
    for claim in item["spec"].get("volumeClaimTemplates", ()):
        claim_name = f"{claim['metadata']['name']}-{name}"
        if store.get("PersistentVolumeClaim", item["metadata"]["namespace"], claim_name) is None:
            labels = claim["metadata"].get("labels", {}) | item["spec"]["selector"]["matchLabels"]
            meta = {"name": claim_name, "namespace": item["metadata"]["namespace"], "labels": labels}
            if item["spec"].get("persistentVolumeClaimRetentionPolicy", {}).get("whenDeleted") == "Delete":
                meta["ownerReferences"] = [_reference_to(item)]
            store.put({"apiVersion": "v1", "kind": "PersistentVolumeClaim", "metadata": meta, "spec": claim["spec"]})
        volume = {"name": claim["metadata"]["name"], "persistentVolumeClaim": {"claimName": claim_name}}
        template["spec"].setdefault("volumes", []).append(volume)
    template["spec"] |= {"hostname": name, "subdomain": item["spec"].get("serviceName", "")}
    _make_pod(store, item, template, {"controller-revision-hash": current}, name)


def job(store: Store, item: Json) -> None:
    spec = item["spec"]
    pods = store.owned_by(item, "Pod")
    phases = [pod.get("status", {}).get("phase", "Pending") for pod in pods]
    succeeded, failed = phases.count("Succeeded"), phases.count("Failed")
    known = {one["type"] for one in item.get("status", {}).get("conditions", ())}
    if known & {"Complete", "Failed"}:
        return
    conditions: list[Json] = []
    age_s = _age_s(item["metadata"]["creationTimestamp"])
    if succeeded >= spec.get("completions", 1):
        conditions = _ended("SuccessCriteriaMet", "Complete", "CompletionsReached")
    elif failed > spec.get("backoffLimit", 6) or age_s > spec.get("activeDeadlineSeconds", 1e9):
        conditions = _ended("FailureTarget", "Failed", "BackoffLimitExceeded")
    elif succeeded + failed == len(pods) and _patience_over(pods):
        _make_pod(store, item, spec["template"], {"job-name": item["metadata"]["name"]})
    active = 0 if conditions else len(pods) - succeeded - failed
    status = {"succeeded": succeeded, "failed": failed, "active": active, "conditions": conditions}
    status["startTime"] = item["metadata"]["creationTimestamp"]
    if succeeded and conditions:
        status["completionTime"] = now()
    store.set_status(item, {name: value for name, value in status.items() if value})


def _patience_over(pods: list[Json]) -> bool:
    """Kubernetes waits 10 s before the second try and twice as long before each next one; this waits 2 s."""
    ends = [
        status["state"]["terminated"]["finishedAt"]
        for pod in pods
        for status in pod["status"]["containerStatuses"]
        if "terminated" in status["state"]
    ]
    return not ends or _age_s(max(ends)) >= _SECOND_TRY_S * 2 ** (len(pods) - 1)


def _age_s(moment: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()


def _ended(first: str, kind: str, reason: str) -> list[Json]:
    return [{"type": one, "status": "True", "reason": reason, "lastTransitionTime": now()} for one in (first, kind)]


def _make_pod(store: Store, owner: Json, template: Json, labels: Json, name: str = "") -> Json:
    meta = owner["metadata"]
    name = name or f"{meta['name'][:50]}-{hash_of(template)[:6]}-{store.version:x}"
    template = copy.deepcopy(template)
    pod_meta = template.get("metadata", {}) | {"name": name, "namespace": meta["namespace"]}
    pod_meta["labels"] = pod_meta.get("labels", {}) | labels
    pod_meta["ownerReferences"] = [_reference_to(owner) | {"controller": True, "blockOwnerDeletion": True}]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": pod_meta, "spec": template["spec"], "status": {}}
    admission.check(store, pod)
    return store.put(pod)


def _reference_to(owner: Json) -> Json:
    meta = owner["metadata"]
    return {"apiVersion": owner["apiVersion"], "kind": owner["kind"], "name": meta["name"], "uid": meta["uid"]}


def hash_of(template: Json) -> str:
    return hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]


def _bounds(strategy: Json, wanted: int) -> tuple[int, int]:
    """How many pods more, and how many fewer available, a rollout may have."""
    if strategy.get("type") == "Recreate":
        return 0, wanted
    rolling = strategy.get("rollingUpdate") or {}
    up = _number(rolling.get("maxSurge", "25%"), wanted, up=True)
    return up, _number(rolling.get("maxUnavailable", "25%"), wanted, up=False)


def _number(given: int | str, of: int, *, up: bool) -> int:
    if isinstance(given, int):
        return given
    share = int(given.rstrip("%")) * of
    return -(-share // 100) if up else share // 100


def _available(pod: Json, min_ready_s: float) -> bool:
    if not is_ready(pod):
        return False
    ready = next(one for one in pod["status"]["conditions"] if one["type"] == "Ready")
    return _age_s(ready["lastTransitionTime"]) >= min_ready_s


Controller = Callable[[Store, Json], None]
CONTROLLERS: dict[str, Controller] = {"Deployment": deployment, "StatefulSet": stateful_set, "Job": job}


def claims(store: Store) -> None:
    """Bound at once."""
    for claim in store.all("PersistentVolumeClaim"):
        store.set_status(claim, {"phase": "Bound", "accessModes": claim["spec"].get("accessModes", [])})


def names(items: Sequence[Json]) -> list[str]:
    return [item["metadata"]["name"] for item in items]
