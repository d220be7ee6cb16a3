"""Names and Services: who is ready stands in /etc/hosts of every pod, and behind the address of a Service."""

import asyncio
import itertools
import random
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from pathlib import Path

from tests.deploy.double.probes import port_of
from tests.deploy.double.store import Json, Store, matches
from tests.deploy.double.workloads import is_ready

_HOSTS_SIZE = 64 * 1024
_READ = 65_536


class Addresses:
    """Of 127/8: this machine answers on all of them, so that every pod has the ports of its manifest to itself."""

    def __init__(self) -> None:
        self._network = f"127.{random.randint(16, 250)}"
        self._numbers = itertools.count(1)

    def next(self) -> str:
        number = next(self._numbers)
        return f"{self._network}.{number // 250}.{number % 250 + 1}"


def endpoints(store: Store, service: Json) -> list[Json]:
    """Ready pods behind a Service; also those that are not, where it publishes them."""
    spec, namespace = service["spec"], service["metadata"]["namespace"]
    pods = [
        pod for pod in store.all("Pod", namespace) if matches(spec.get("selector"), pod["metadata"].get("labels", {}))
    ]
    if spec.get("publishNotReadyAddresses"):
        return [pod for pod in pods if pod.get("status", {}).get("podIP")]
    return [pod for pod in pods if is_ready(pod)]


def target_port(port: Json, pod: Json) -> int:
    named = {
        one["name"]: one["containerPort"]
        for container in pod["spec"]["containers"]
        for one in container.get("ports", ())
        if "name" in one
    }
    return port_of(port["targetPort"] if "targetPort" in port else port["port"], named)


class HostsFile:
    """Rewritten in place, in one write of one length: the same file is mounted in every container."""

    def __init__(self, path: Path, fixed: Mapping[str, str]) -> None:
        self.path, self._fixed = path, fixed
        self._text = ""
        self.show({})

    def show(self, addresses: Mapping[str, list[str]]) -> None:
        lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in self._fixed.items())]
        lines += [f"{address} {name}" for name, found in sorted(addresses.items()) for address in found]
        text = "\n".join(lines) + "\n"
        if text != self._text:
            self._text = text
            with self.path.open("r+b" if self.path.exists() else "wb", buffering=0) as file:
                file.write(text.encode().ljust(_HOSTS_SIZE, b"\n"))


class Network:
    """`settle` brings names and balancers up to what is ready now."""

    def __init__(self, store: Store, addresses: Addresses, hosts: HostsFile) -> None:
        self._store, self._addresses, self._hosts = store, addresses, hosts
        self._balancers: dict[str, Balancer] = {}

    async def settle(self) -> None:
        known: dict[str, list[str]] = {}
        for service in self._store.all("Service"):
            found = [pod["status"]["podIP"] for pod in endpoints(self._store, service)]
            headless = service["spec"].get("clusterIP") == "None"
            address = found if headless else [await self._balanced(service)]
            for name in _names(service):
                known[name] = address
            if headless:
                known |= _stateful_names(self._store, service)
        self._hosts.show(known)

    async def _balanced(self, service: Json) -> str:
        uid = service["metadata"]["uid"]
        if uid not in self._balancers:
            service["spec"]["clusterIP"] = self._addresses.next()
            service["spec"]["clusterIPs"] = [service["spec"]["clusterIP"]]
            self._balancers[uid] = Balancer(service)
            await self._balancers[uid].open()
        self._balancers[uid].ready = endpoints(self._store, service)
        return str(service["spec"]["clusterIP"])

    async def close(self) -> None:
        for balancer in self._balancers.values():
            balancer.close()


def _names(service: Json) -> list[str]:
    short = f"{service['metadata']['name']}.{service['metadata']['namespace']}"
    return [short, f"{short}.svc", f"{short}.svc.cluster.local"]


def _stateful_names(store: Store, service: Json) -> dict[str, list[str]]:
    return {
        f"{pod['metadata']['name']}.{name}": [pod["status"]["podIP"]]
        for pod in endpoints(store, service)
        if pod["spec"].get("subdomain") == service["metadata"]["name"]
        for name in _names(service)
    }


class Balancer:
    """A Service with an address of its own: each connection goes to one of the pods that were ready when it was told.

    As kube-proxy, it hears of a pod's end late: what a pod does in its last seconds is not tried otherwise.
    """

    def __init__(self, service: Json) -> None:
        self._spec = service["spec"]
        self.ready: list[Json] = []
        self._servers: list[asyncio.Server] = []

    async def open(self) -> None:
        for port in self._spec["ports"]:
            serve = partial(self._serve, port)
            self._servers.append(await asyncio.start_server(serve, self._spec["clusterIP"], port["port"]))

    def close(self) -> None:
        for server in self._servers:
            server.close()

    async def _serve(self, port: Json, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, IndexError):  # nobody is ready, or went this moment: the client sees a closed connection
            pod = random.choice(self.ready)
            inner = await asyncio.open_connection(pod["status"]["podIP"], target_port(port, pod))
            await asyncio.gather(_pass_on(reader, inner[1]), _pass_on(inner[0], writer))
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while data := await reader.read(_READ):
            writer.write(data)
            await writer.drain()
    with suppress(OSError):
        writer.close()
