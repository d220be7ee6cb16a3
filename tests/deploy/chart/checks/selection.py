"""Who selects whom: Services, disruption budgets, autoscalers, routes."""

from collections.abc import Iterator
from typing import Any

from tests.deploy.chart.pods import Pod, pods, selects, standing
from tests.deploy.chart.release import Document, Release

_AUTOSCALERS = ("HorizontalPodAutoscaler", "ScaledObject")


def services_select_one_workload(release: Release) -> Iterator[str]:
    """A Service leads to the pods of exactly one workload, to a port that these name."""
    for service in release.of("Service"):
        where = f"Service/{service['metadata']['name']}"
        chosen = [pod for pod in pods(release) if selects({"matchLabels": service["spec"]["selector"]}, pod.labels)]
        if len(chosen) != 1:
            yield f"{where}: selects {sorted(pod.where for pod in chosen)}"
        for port in service["spec"]["ports"]:
            target = port.get("targetPort", port["port"])
            yield from (f"{where}: {pod.where} has no port {target}" for pod in chosen if not _has_port(pod, target))


def headless_ports_are_the_pods(release: Release) -> Iterator[str]:
    """Clients of a headless Service reach the pod itself: another port there would be told to them in vain."""
    for service in release.of("Service"):
        if service["spec"].get("clusterIP") != "None":
            continue
        for pod in _chosen(release, {"matchLabels": service["spec"]["selector"]}):
            for port in service["spec"]["ports"]:
                if pod.ports.get(str(port.get("targetPort")), port.get("targetPort")) != port["port"]:
                    yield f"Service/{service['metadata']['name']}: port {port['port']} is another on {pod.where}"


def _has_port(pod: Pod, target: Any) -> bool:
    return target in pod.ports or target in pod.ports.values()


def workloads_select_their_own_pods(release: Release) -> Iterator[str]:
    """A selector fits the template beneath it and no other pod of the release."""
    for pod in standing(release):
        chosen = [other.where for other in pods(release) if selects(pod.owner["spec"]["selector"], other.labels)]
        if chosen != [pod.where]:
            yield f"{pod.where}: its selector fits {chosen}"


def budgets_leave_room(release: Release) -> Iterator[str]:
    """A disruption budget guards one workload of at least two replicas and always lets one of them go."""
    for budget in release.of("PodDisruptionBudget"):
        where, spec = f"PodDisruptionBudget/{budget['metadata']['name']}", budget["spec"]
        chosen = [pod for pod in _chosen(release, spec.get("selector")) if pod.stands]
        if len(chosen) != 1:
            yield f"{where}: guards {[pod.where for pod in chosen]}"
        if spec.get("unhealthyPodEvictionPolicy") != "AlwaysAllow":
            yield f"{where}: a pod that never became ready could not be drained"
        for pod in chosen:
            if (least := fewest_replicas(release, pod)) < 2:
                yield f"{where}: {pod.where} may have {least} replica; no node could be drained"
            elif _kept(spec, least) >= least:
                yield f"{where}: lets none of {least} replicas go"


def _kept(spec: Document, replicas: int) -> int:
    """How many must stay, percentages rounded up as the API server does."""
    if "maxUnavailable" in spec:
        return replicas - _count(spec["maxUnavailable"], replicas)
    return _count(spec["minAvailable"], replicas)


def _count(given: int | str, replicas: int) -> int:
    return given if isinstance(given, int) else -(-replicas * int(given.removesuffix("%")) // 100)


def one_hand_scales(release: Release) -> Iterator[str]:
    """`replicas` and an autoscaler would pull in turns; so would two autoscalers."""
    for pod in standing(release):
        scalers = scalers_of(release, pod)
        if len(scalers) > 1:
            yield f"{pod.where}: scaled by {[s['kind'] for s in scalers]}"
        if scalers and "replicas" in pod.owner["spec"]:
            yield f"{pod.where}: replicas and a {scalers[0]['kind']} are both rendered"
        if not scalers and "replicas" not in pod.owner["spec"]:
            yield f"{pod.where}: neither replicas nor an autoscaler"


def autoscalers_have_targets(release: Release) -> Iterator[str]:
    """An autoscaler names a workload of the release and never lets it go to nothing: timers live there."""
    for scaler in release.of(*_AUTOSCALERS):
        spec, where = scaler["spec"], f"{scaler['kind']}/{scaler['metadata']['name']}"
        target = spec["scaleTargetRef"]
        if release.find(target.get("kind", "Deployment"), target["name"]) is None:
            yield f"{where}: there is no {target['name']}"
        least, most = _bounds(scaler)
        if not 1 <= least <= most:
            yield f"{where}: between {least} and {most} replicas"


def _bounds(scaler: Document) -> tuple[int, int]:
    low, high = {
        "ScaledObject": ("minReplicaCount", "maxReplicaCount"),
        "HorizontalPodAutoscaler": ("minReplicas", "maxReplicas"),
    }[scaler["kind"]]
    return scaler["spec"].get(low, 0), scaler["spec"].get(high, 0)


def scalers_of(release: Release, pod: Pod) -> list[Document]:
    name = pod.owner["metadata"]["name"]
    return [s for s in release.of(*_AUTOSCALERS) if s["spec"]["scaleTargetRef"]["name"] == name]


def fewest_replicas(release: Release, pod: Pod) -> int:
    scalers = scalers_of(release, pod)
    return _bounds(scalers[0])[0] if scalers else pod.owner["spec"].get("replicas", 1)


def doors_lead_to_services(release: Release) -> Iterator[str]:
    """Ingress and HTTPRoute name a Service of the release and a port it has; there is one kind of door at most."""
    if release.of("Ingress") and release.of("HTTPRoute"):
        yield "Ingress and HTTPRoute are both rendered"
    for where, name, port in _backends(release):
        service = release.find("Service", name)
        if service is None:
            yield f"{where}: there is no Service {name}"
        elif port not in {known for p in service["spec"]["ports"] for known in (p["port"], p.get("name"))}:
            yield f"{where}: Service {name} has no port {port}"


def _backends(release: Release) -> Iterator[tuple[str, str, Any]]:
    for ingress in release.of("Ingress"):
        for rule in ingress["spec"].get("rules", []):
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                port = backend["port"]
                yield f"Ingress/{ingress['metadata']['name']}", backend["name"], port.get("name", port.get("number"))
    for route in release.of("HTTPRoute"):
        for rule in route["spec"]["rules"]:
            for backend in rule.get("backendRefs", []):
                yield f"HTTPRoute/{route['metadata']['name']}", backend["name"], backend["port"]


def spread_counts_own_pods(release: Release) -> Iterator[str]:
    """A spread constraint or anti-affinity without a selector of the pod's own labels counts nothing."""
    for pod in standing(release):
        for constraint in pod.spec.get("topologySpreadConstraints", []):
            if not constraint.get("labelSelector") or not selects(constraint["labelSelector"], pod.labels):
                yield f"{pod.where}: its topology spread by {constraint['topologyKey']} does not count its own pods"


def _chosen(release: Release, selector: Document | None) -> list[Pod]:
    return [pod for pod in pods(release) if selects(selector, pod.labels)]
