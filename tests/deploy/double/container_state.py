"""One container of a pod over its starts: what runs, what its probes said, what its status shows."""

from tests.deploy.double.probes import Watched
from tests.deploy.double.process import ContainerProcess
from tests.deploy.double.store import Json, now


class ContainerState:
    def __init__(self, spec: Json, *, init: bool) -> None:
        self.spec, self.init = spec, init
        self.process: ContainerProcess | None = None
        self.restarts, self.waiting = 0, "ContainerCreating"
        self.exit_code: int | None = None
        self.message = ""
        self.started_at = self.finished_at = now()
        self.probes: dict[str, Watched] = {}
        self.ports = {port["name"]: port["containerPort"] for port in spec.get("ports", ()) if "name" in port}

    def arm_probes(self) -> None:
        self.started_at = now()
        given = {kind: self.spec.get(f"{kind}Probe") for kind in ("startup", "liveness", "readiness")}
        self.probes = {kind: Watched(probe, passed=kind == "liveness") for kind, probe in given.items() if probe}

    def note_end(self) -> None:
        assert self.process is not None
        self.exit_code, self.finished_at = self.process.exit_code, now()

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.exit_code is None

    @property
    def started(self) -> bool:
        return self.running and ("startup" not in self.probes or self.probes["startup"].passed)

    @property
    def ready(self) -> bool:
        if self.init:
            return self.exit_code == 0
        return self.started and ("readiness" not in self.probes or self.probes["readiness"].passed)

    def status(self) -> Json:
        if self.running:
            state: Json = {"running": {"startedAt": self.started_at}}
        elif self.exit_code is not None and not self.waiting:
            reason = "Completed" if self.exit_code == 0 else "Error"
            state = {"terminated": {"exitCode": self.exit_code, "reason": reason, "finishedAt": self.finished_at}}
        else:
            state = {"waiting": {"reason": self.waiting or "ContainerCreating", "message": self.message}}
        return {
            "name": self.spec["name"],
            "image": self.spec["image"],
            "imageID": self.spec["image"],
            "ready": self.ready,
            "started": self.started,
            "restartCount": self.restarts,
            "state": state,
            "lastState": {},
        }


def conditions(phase: str, init: list[ContainerState], main: list[ContainerState], before: list[Json]) -> list[Json]:
    """Of a pod; each keeps the time of its last turn."""
    known = {one["type"]: one for one in before}
    ready = phase == "Running" and all(one.ready for one in main)
    reason = "PodCompleted" if phase == "Succeeded" else "" if ready else "ContainersNotReady"
    return [
        _condition("PodScheduled", True, known),
        _condition("Initialized", all(one.ready for one in init), known),
        _condition("ContainersReady", ready, known, reason),
        _condition("Ready", ready, known, reason),
    ]


def _condition(kind: str, holds: bool, known: dict[str, Json], reason: str = "") -> Json:
    status = str(holds)
    before = known.get(kind, {})
    since = before["lastTransitionTime"] if before.get("status") == status else now()
    return {"type": kind, "status": status, "lastTransitionTime": since} | ({"reason": reason} if reason else {})
