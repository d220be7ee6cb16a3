"""A double of a Kubernetes cluster on this machine: manifests in, processes out. For tests only.

It runs the commands, environments, volumes, probes, rollouts and ends that manifests ask for, as the kubelet and the
controllers would. It does not schedule, isolate networks, limit memory, or admit (Pod Security is checked elsewhere).
"""

import asyncio
import json
import shutil
import tempfile
import threading
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from chassis.http import HttpServer
from tests.deploy.double import workloads
from tests.deploy.double.api import Api
from tests.deploy.double.images import Images
from tests.deploy.double.network import Addresses, HostsFile, Network
from tests.deploy.double.pod import Node, PodLife
from tests.deploy.double.process import InNamespaces, Starter
from tests.deploy.double.store import Json, Store

T = TypeVar("T")
_TICK_S = 0.1
_KEEP_ALIVE_S = 600
"""Clients keep connections for longer than uvicorn's five seconds, and take a closed one for a failure."""
_NAMES_AFTER_S = 1.0
"""How long a cluster takes to tell everybody who is ready: kube-proxy and DNS are not at once either."""


class Double:
    """`hosts`: names of servers outside the cluster. Everything runs in one thread, which all containers die with."""

    def __init__(self, images: Images, hosts: Mapping[str, str], starter: Starter | None = None) -> None:
        self.store, self.images = Store(), images
        self._starter = starter or InNamespaces()
        self.restarts: list[str] = []
        """Containers that ended, were condemned by a probe, or had to be killed, in order."""
        self.failure: BaseException | None = None
        self._hosts = hosts
        self._lives: dict[str, PodLife] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._stopping = asyncio.Event()
        self._thread = threading.Thread(target=self._run, name="double")
        self._open = threading.Event()
        self.folder = Path(tempfile.mkdtemp(prefix="redress-double-"))
        self.kubeconfig = self.folder / "kubeconfig"

    def __enter__(self) -> "Double":
        self._thread.start()
        if not self._open.wait(30) or self.failure is not None:
            raise AssertionError(f"the double did not open: {self.failure!r}")
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._stopping.set)
        self._thread.join(60)
        shutil.rmtree(self.folder, ignore_errors=True)

    def do(self, work: Callable[[Store], T]) -> T:
        """In the double's thread. Raises what its controllers raised, if they have: nothing moves any more then."""
        if self.failure is not None:
            raise AssertionError(f"the double broke: {self.failure!r}") from self.failure

        async def call() -> T:
            return work(self.store)

        return asyncio.run_coroutine_threadsafe(call(), self._loop).result(30)

    def apply(self, documents: list[Json], namespace: str) -> None:
        def put(store: Store) -> None:
            for document in documents:
                document["metadata"].setdefault("namespace", namespace)
                store.put(document)

        self.do(put)

    def log_of(self, pod: Json, container: str = "") -> str:
        life = self._lives.get(pod["metadata"]["uid"])
        path = life.log_of(container) if life else None
        return path.read_text(errors="replace") if path and path.exists() else ""

    async def _serve(self) -> HttpServer:
        server = HttpServer(Api(self.store, self.log_of).app(), "127.0.0.1:0", timeout_keep_alive=_KEEP_ALIVE_S)
        await server.start()
        self.kubeconfig.write_text(_kubeconfig(f"http://127.0.0.1:{server.port}"))
        return server

    def pids(self) -> list[int]:
        """Of all containers that are ready by a probe."""
        return self.do(lambda _: [pid for life in self._lives.values() for pid in life.pids()])

    def kill(self, pod: Json) -> None:
        """Its processes, as a crash: the pod starts them again."""
        self.do(lambda _: self._lives[pod["metadata"]["uid"]].kill())

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._work())
        self._loop.close()

    async def _work(self) -> None:
        addresses = Addresses()
        network = Network(self.store, addresses, HostsFile(self.folder / "hosts", self._hosts))
        node = Node(self.store, self.images, self.folder, _system_files(self.folder), self._starter, self._note_restart)
        beside = asyncio.create_task(self._name(network))
        server = await self._serve()
        self._open.set()
        try:
            while not self._stopping.is_set():
                workloads.reconcile(self.store)
                workloads.claims(self.store)
                self._take_up(node, addresses)
                await asyncio.sleep(_TICK_S)
        except Exception as error:
            self.failure = error
            traceback.print_exc()  # whoever asks by the API sees only that nothing moves any more
        finally:
            beside.cancel()
            for life in self._lives.values():
                life.kill()
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(beside, *self._tasks, return_exceptions=True)
            await network.close()
            with suppress(TimeoutError):
                await asyncio.wait_for(server.stop(), 2)  # watches would hold it for an hour

    async def _name(self, network: Network) -> None:
        try:
            while True:
                await network.settle()
                await asyncio.sleep(_NAMES_AFTER_S)
        except Exception as error:
            self.failure = error

    def _take_up(self, node: Node, addresses: Addresses) -> None:
        for pod in self.store.all("Pod"):
            if pod["metadata"]["uid"] not in self._lives:
                life = PodLife(pod, addresses.next(), node)
                self._lives[pod["metadata"]["uid"]] = life
                task = asyncio.create_task(life.live())
                self._tasks.add(task)
                task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self.failure = error

    def _note_restart(self, pod: Json, container: str, why: str) -> None:
        self.restarts.append(f"{pod['metadata']['name']}/{container}: {why}")


def _kubeconfig(url: str) -> str:
    named = {"name": "double"}
    context = {"cluster": "double", "user": "double"}
    parts = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": "double",
        "clusters": [named | {"cluster": {"server": url}}],
        "contexts": [named | {"context": context}],
        "users": [named | {"user": {}}],
    }
    return json.dumps(parts)


def _system_files(folder: Path) -> list[Json]:
    """Names come from the cluster alone: a name that it does not know is unknown at once."""
    (folder / "resolv.conf").write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    (folder / "nsswitch.conf").write_text("hosts: files\npasswd: files\n")
    (folder / "passwd").write_text("root:x:0:0::/:\npostgres:x:999:999::/:\nredress:x:10001:10001::/:\n")
    return [_file(folder / name, f"/etc/{name}") for name in ("hosts", "resolv.conf", "nsswitch.conf", "passwd")]


def _file(source: Path, target: str) -> dict[str, Any]:
    return {"source": str(source), "target": target, "read_only": True}
