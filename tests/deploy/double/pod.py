"""The life of one pod: init containers, containers with their probes, restarts, and an end with grace."""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.deploy.double.container_state import ContainerState, conditions
from tests.deploy.double.environment import ConfigError, environment_of, expand
from tests.deploy.double.images import Image, Images
from tests.deploy.double.probes import Asked, answers
from tests.deploy.double.process import Container, ContainerProcess, Starter
from tests.deploy.double.store import Json, Store, now
from tests.deploy.double.volumes import Volumes

_TICK_S = 0.1
_RESTART_AFTER_S = (0.5, 1.0, 2.0, 4.0)
_BINDS = ("REDRESS_GRPC_BIND", "REDRESS_OPS_BIND", "REDRESS_PUBLIC_BIND")


@dataclass(frozen=True)
class Node:
    """What all pods of this machine share."""

    store: Store
    images: Images
    scratch: Path
    system_files: list[Json]
    """Mounted into every container: /etc/hosts and its like."""
    starter: Starter
    restarted: Callable[[Json, str, str], None]
    """(pod, container, why)"""


class PodLife:
    def __init__(self, pod: Json, address: str, node: Node) -> None:
        self._pod, self._node, self.address = pod, node, address
        self._folder = node.scratch / "pods" / str(pod["metadata"]["uid"])
        self._volumes = Volumes(pod, self._folder / "volumes", node.scratch / "claims", node.store)
        spec = pod["spec"]
        self._init = [ContainerState(one, init=True) for one in spec.get("initContainers", ())]
        self._main = [ContainerState(one, init=False) for one in spec["containers"]]
        self._started_at = now()

    def log_of(self, container: str = "") -> Path:
        return self._folder / f"{container or self._main[0].spec['name']}.log"

    def pids(self) -> list[int]:
        return [one.process.pid for one in self._main if one.process is not None and one.probes and one.ready]

    async def live(self) -> None:
        """Until its containers have ended for good, or it was told to end; then the pod is settled or removed."""
        self._folder.mkdir(parents=True)
        work = asyncio.create_task(self._work())
        try:
            while not self._ending and not work.done():
                await asyncio.sleep(_TICK_S)
            if not self._ending:
                await work
            while not self._ending:  # a pod that has finished stays until it is deleted
                await asyncio.sleep(_TICK_S)
        finally:
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            await self._end()
            self._node.store.remove(self._pod)

    def kill(self) -> None:
        for one in (*self._init, *self._main):
            if one.process is not None:
                one.process.kill()

    @property
    def _ending(self) -> bool:
        return "deletionTimestamp" in self._pod["metadata"]

    async def _work(self) -> None:
        self._tell("Pending")
        await self._retried(self._init + self._main, self._volumes.prepare)
        for one in self._init:
            await self._to_its_end(one)
            if one.exit_code != 0:
                self._tell("Failed")
                return
        keepers = [asyncio.create_task(self._keep(one)) for one in self._main]
        try:
            while not all(keeper.done() for keeper in keepers):
                self._tell("Running")
                await asyncio.sleep(_TICK_S)
            for keeper in keepers:
                keeper.result()
            self._tell("Succeeded" if all(one.exit_code == 0 for one in self._main) else "Failed")
        finally:
            for keeper in keepers:
                keeper.cancel()
            await asyncio.gather(*keepers, return_exceptions=True)

    async def _to_its_end(self, one: ContainerState) -> None:
        while True:
            await self._start(one)
            self._tell("Pending")
            assert one.process is not None
            await one.process.ended()
            one.note_end()
            self._tell("Pending")
            if one.exit_code == 0 or self._policy == "Never":
                return
            await self._back_off(one, f"ended with code {one.exit_code}")

    async def _keep(self, one: ContainerState) -> None:
        """Runs it, asks its probes, starts it again as the pod's policy says."""
        while True:
            await self._start(one)
            why = await self._watch(one)
            one.note_end()
            if self._policy == "Never" or (self._policy == "OnFailure" and one.exit_code == 0):
                return
            await self._back_off(one, why)

    async def _watch(self, one: ContainerState) -> str:
        """Until it ends or a probe condemns it; why."""
        assert one.process is not None
        while (code := one.process.exit_code) is None:
            for kind in ("readiness", "liveness") if one.started else ("startup",):
                watched = one.probes.get(kind)
                if watched is None or not watched.due:
                    continue
                await watched.ask(
                    lambda probe: answers(
                        probe, Asked(self.address, one.ports, self._image_of(one).environment.get("PATH", os.defpath))
                    )
                )
                if watched.failed and kind != "readiness":
                    await self._stop(one, self._grace_s)
                    return f"its {kind} probe failed"
            await asyncio.sleep(_TICK_S)
        return f"ended with code {code}"

    async def _start(self, one: ContainerState) -> None:
        def start() -> None:
            one.process = self._process(one)

        await self._retried([one], start)
        one.waiting, one.message, one.exit_code = "", "", None
        one.arm_probes()

    async def _retried(self, concerned: list[ContainerState], attempt: Callable[[], None]) -> None:
        while True:
            try:
                return attempt()
            except (ConfigError, ImageMissing) as error:
                reason = "ErrImagePull" if isinstance(error, ImageMissing) else "CreateContainerConfigError"
                for one in concerned:
                    one.waiting, one.message = reason, str(error)
                self._tell("Pending")
                await asyncio.sleep(1.0)

    async def _back_off(self, one: ContainerState, why: str) -> None:
        self._node.restarted(self._pod, one.spec["name"], why)
        one.restarts += 1
        one.waiting, one.message = "CrashLoopBackOff", why
        await asyncio.sleep(_RESTART_AFTER_S[min(one.restarts, len(_RESTART_AFTER_S)) - 1])

    def _process(self, one: ContainerState) -> ContainerProcess:
        """Raises ImageMissing, ConfigError."""
        name = one.spec["name"]
        container = self._container(one.spec, self._image_of(one))
        return ContainerProcess(container, self._node.starter, self._folder / name, self.log_of(name))

    def _container(self, spec: Json, image: Image) -> Container:
        security = self._pod["spec"].get("securityContext", {}) | spec.get("securityContext", {})
        user = security.get("runAsUser", image.user)
        if user == 0 and security.get("runAsNonRoot"):
            raise ConfigError("container has runAsNonRoot and image will run as root")
        told = environment_of(spec, self._pod, self._node.store)
        told |= {name: _bound_to(self.address, told[name]) for name in _BINDS if name in told}
        told["POD_ADDRESS"] = self.address
        command = [*spec.get("command", image.entrypoint)]
        arguments = [*spec.get("args", () if "command" in spec else image.command)]
        return Container(
            image=spec["image"],
            argv=[expand(word, told) for word in (*command, *arguments, *image.appended)],
            environment={
                **image.environment,
                "HOSTNAME": self._pod["metadata"]["name"],
                **told,
            },
            volumes=[*self._node.system_files, *self._volumes.mounts_of(spec)],
            user=user,
            group=security.get("runAsGroup", user),
            read_only_root=security.get("readOnlyRootFilesystem", False),
            directory=spec.get("workingDir", "/"),
        )

    async def _end(self) -> None:
        grace_s = float(self._pod["metadata"].get("deletionGracePeriodSeconds", 0))
        await asyncio.gather(
            *(self._stop(one, grace_s) for one in (*self._init, *self._main) if one.process is not None)
        )

    async def _stop(self, one: ContainerState, grace_s: float) -> None:
        """preStop, SIGTERM, and SIGKILL when the grace, which covers both, is over."""
        assert one.process is not None
        begun = time.monotonic()
        pause = one.spec.get("lifecycle", {}).get("preStop", {})
        if unknown := pause.keys() - {"sleep"}:
            raise NotImplementedError(f"no support for preStop {unknown}")
        await one.process.ended(min(grace_s, pause.get("sleep", {}).get("seconds", 0)))
        one.process.tell(self._image_of(one).stop_signal)
        if await one.process.ended(max(0.0, grace_s - (time.monotonic() - begun))) is None:
            one.process.kill()
            if grace_s:
                self._node.restarted(self._pod, one.spec["name"], "killed: its grace period was over")

    def _image_of(self, one: ContainerState) -> Image:
        """Raises ImageMissing."""
        image = self._node.images.find(one.spec["image"])
        if image is None:
            raise ImageMissing(f'failed to pull and unpack image "{one.spec["image"]}": not found')
        return image

    @property
    def _policy(self) -> str:
        return str(self._pod["spec"].get("restartPolicy", "Always"))

    @property
    def _grace_s(self) -> float:
        return float(self._pod["spec"].get("terminationGracePeriodSeconds", 30))

    def _tell(self, phase: str) -> None:
        before = self._pod.get("status", {}).get("conditions", [])
        status = {
            "phase": phase,
            "podIP": self.address,
            "podIPs": [{"ip": self.address}],
            "hostIP": "127.0.0.1",
            "startTime": self._started_at,
            "conditions": conditions(phase, self._init, self._main, before),
            "initContainerStatuses": [one.status() for one in self._init],
            "containerStatuses": [one.status() for one in self._main],
        }
        self._node.store.set_status(self._pod, status)


class ImageMissing(Exception):
    """Nobody has it."""


def _bound_to(address: str, bind: str) -> str:
    """All pods share this machine's ports: "every address" becomes the pod's own."""
    return f"{address}:{bind.rpartition(':')[2]}"
