"""A rollout loses nothing: order of replacement, time to leave, probes that tell the truth."""

from collections.abc import Iterator

from tests.deploy.chart.environment import environment, settings_of
from tests.deploy.chart.pods import Pod, containers, pods, program, standing
from tests.deploy.chart.release import Document, Release

_PROBES = {"startupProbe": "/livez", "livenessProbe": "/livez", "readinessProbe": "/readyz"}


def servers(release: Release) -> Iterator[tuple[Pod, Document]]:
    """Pods that serve, with their container of ours."""
    for pod in standing(release):
        for container in pod.containers:
            if (found := program(container)) and found.verb == "serve":
                yield pod, container


def new_before_old(release: Release) -> Iterator[str]:
    """No replica goes before its successor is ready."""
    for pod, _ in servers(release):
        strategy = pod.owner["spec"].get("strategy", {})
        rolling = strategy.get("rollingUpdate", {})
        if strategy.get("type", "RollingUpdate") != "RollingUpdate" or rolling.get("maxUnavailable") not in (0, "0%"):
            yield f"{pod.where}: replicas go before others stand"
        if rolling.get("maxSurge", 0) in (0, "0%"):
            yield f"{pod.where}: nothing may stand beside the old replicas"


def time_to_leave(release: Release) -> Iterator[str]:
    """The kubelet kills no sooner than the pause before SIGTERM, the farewell and the drain have passed."""
    for pod, container in servers(release):
        pause = pre_stop_seconds(container)
        if pause is None or pause < 1:
            yield f"{pod.where}: SIGTERM comes while calls are still routed there"
        settings = settings_of(environment(release, pod, container), program(container))
        needed = (pause or 0) + settings.drain_seconds + getattr(settings, "farewell_seconds", 0)
        if (grace := pod.spec.get("terminationGracePeriodSeconds", 30)) <= needed:
            yield f"{pod.where}: is killed after {grace} s; leaving takes {needed} s"


def pre_stop_seconds(container: Document) -> int | None:
    sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep")
    return None if sleep is None else sleep["seconds"]


def no_shell_to_stop(release: Release) -> Iterator[str]:
    """Our images hold no shell: hooks and probes that exec would fail."""
    for where, _pod, container in containers(release):
        hooks = [*container.get("lifecycle", {}).values(), *(container.get(probe, {}) for probe in _PROBES)]
        if program(container) and any("exec" in hook for hook in hooks):
            yield f"{where}: runs a command in a container without a shell"


def probes_tell_the_truth(release: Release) -> Iterator[str]:
    """Liveness and startup look at the process alone, readiness at what it depends on; all by the ops port."""
    for pod, container in servers(release):
        for probe, path in _PROBES.items():
            asked = container.get(probe, {}).get("httpGet", {})
            if (asked.get("path"), asked.get("port")) != (path, "ops"):
                yield f"{pod.where}: {probe} asks {asked or 'nothing'}"
        if _patience(container.get("startupProbe", {})) < 60:
            yield f"{pod.where}: is given up in less than a minute of starting"


def _patience(probe: Document) -> int:
    return probe.get("periodSeconds", 10) * probe.get("failureThreshold", 3)  # type: ignore[no-any-return]


def every_standing_pod_is_probed(release: Release) -> Iterator[str]:
    for pod in standing(release):
        for container in pod.spec["containers"]:
            yield from (
                f"{pod.where} {container['name']}: no {probe}"
                for probe in ("livenessProbe", "readinessProbe")
                if probe not in container
            )


def resources_are_set(release: Release) -> Iterator[str]:
    """Requests of CPU and memory and a limit of memory, for every container that ever runs."""
    for where, _pod, container in containers(release):
        given = container.get("resources", {})
        missing = {"cpu", "memory"} - set(given.get("requests", {})) | {"memory"} - set(given.get("limits", {}))
        if missing:
            yield f"{where}: says nothing about {sorted(missing)}"


def images_are_pinned(release: Release) -> Iterator[str]:
    """A tag other than latest, or a digest."""
    for where, _pod, container in containers(release):
        name, _, digest = container["image"].partition("@")
        tag = name.rpartition("/")[2].partition(":")[2]
        if not digest and tag in ("", "latest"):
            yield f"{where}: runs {container['image']}"


def jobs_end(release: Release) -> Iterator[str]:
    """A Job gives up in the end, and is cleared away."""
    for pod in pods(release):
        if pod.owner["kind"] not in ("Job", "CronJob"):
            continue
        spec = pod.owner["spec"].get("jobTemplate", pod.owner)["spec"]
        if "activeDeadlineSeconds" not in spec or "backoffLimit" not in spec:
            yield f"{pod.where}: may run for ever"
        if pod.spec.get("restartPolicy") not in ("Never", "OnFailure"):
            yield f"{pod.where}: restartPolicy {pod.spec.get('restartPolicy')}"
