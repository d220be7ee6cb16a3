"""Probes, asked as the kubelet asks them: over the pod's address, with the probe's own time limit and thresholds."""

import asyncio
import shutil
import time
from asyncio.subprocess import DEVNULL
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from tests.deploy.double.store import Json

Look = Callable[[Json], Awaitable[bool]]
_PLAIN_FAILURES = (OSError, ValueError, asyncio.IncompleteReadError, grpc.aio.AioRpcError)


@dataclass(frozen=True)
class Asked:
    """Where a container is found; `path`: of its programs, for probes that run one."""

    address: str
    ports: dict[str, int]
    path: str


async def answers(probe: Json, asked: Asked) -> bool:
    """One attempt. Raises NotImplementedError for a kind of probe that nobody here asks."""
    limit_s = probe.get("timeoutSeconds", 1)
    with suppress(TimeoutError, *_PLAIN_FAILURES):
        async with asyncio.timeout(limit_s):
            if "httpGet" in probe:
                return await _http(probe["httpGet"], asked.address, asked.ports)
            if "grpc" in probe:
                return await _grpc(probe["grpc"], asked.address)
            if "exec" in probe:
                return await _exec(probe["exec"]["command"], asked)
            if "tcpSocket" in probe:
                port = port_of(probe["tcpSocket"]["port"], asked.ports)
                _, writer = await asyncio.open_connection(asked.address, port)
                writer.close()
                return True
            raise NotImplementedError(f"no support for this probe: {probe}")
    return False


async def _exec(command: list[str], asked: Asked) -> bool:
    """Beside the container, not in it: a pod's own loopback is its address here."""
    argv = [asked.address if word == "127.0.0.1" else word for word in command]
    program = shutil.which(argv[0], path=asked.path) or argv[0]
    running = await asyncio.create_subprocess_exec(
        program, *argv[1:], env={"PATH": asked.path}, stdout=DEVNULL, stderr=DEVNULL
    )
    return await running.wait() == 0


def port_of(port: int | str, ports: dict[str, int]) -> int:
    """A number, or the name of a port of the container."""
    return ports[port] if isinstance(port, str) and not port.isdigit() else int(port)


async def _http(get: Json, address: str, ports: dict[str, int]) -> bool:
    reader, writer = await asyncio.open_connection(address, port_of(get["port"], ports))
    try:
        request = f"GET {get.get('path', '/')} HTTP/1.1\r\nHost: {address}\r\nUser-Agent: kube-probe/1.36\r\n"
        writer.write(f"{request}Connection: close\r\n\r\n".encode())
        status = (await reader.readuntil(b"\r\n")).split(b" ")[1]
        return int(status) in range(200, 400)
    finally:
        writer.close()


async def _grpc(check: Json, address: str) -> bool:
    async with grpc.aio.insecure_channel(f"{address}:{check['port']}") as channel:
        asked = health_pb2.HealthCheckRequest(service=check.get("service", ""))
        reply = await health_pb2_grpc.HealthStub(channel).Check(asked)
        return bool(reply.status == health_pb2.HealthCheckResponse.SERVING)


class Watched:
    """One probe of a container over time: a verdict that turns after so many equal answers in a row."""

    def __init__(self, probe: Json, *, passed: bool = False) -> None:
        self.probe = probe
        self.passed = passed
        self.failed = False
        """As often in a row as its threshold allows."""
        self._last, self._row = passed, 0
        self._next_at: float = time.monotonic() + probe.get("initialDelaySeconds", 0)

    @property
    def due(self) -> bool:
        return time.monotonic() >= self._next_at

    async def ask(self, look: Look) -> None:
        self._next_at = time.monotonic() + self.probe.get("periodSeconds", 10)
        good = await look(self.probe)
        self._row = self._row + 1 if good == self._last else 1
        self._last = good
        needed = self.probe.get("successThreshold", 1) if good else self.probe.get("failureThreshold", 3)
        if self._row >= needed:
            self.passed, self.failed = good, not good
