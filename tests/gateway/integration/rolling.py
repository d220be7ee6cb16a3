"""Two gateways before two intakes, as processes that are replaced one after another while clients go on.

The clients know what a Service knows: a new connection goes to a replica that is ready, a kept one lasts until the
server closes it.
"""

import asyncio
import json
import os
import random
import signal
import sys
from asyncio.subprocess import Process
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chassis.ids import new_id
from stack.ports import LOOPBACK, free_port

COMPLAINT = {
    "customer_name": "Rolling Restart",
    "customer_email": "rolling@customer.example",
    "product_family": "Aurora",
    "description": "The lamp flickers.",
    "language": "en",
}
HEARD_S = 0.5


@dataclass
class Pod:
    service: str
    settings: dict[str, str]
    log: Path
    grpc: int = field(default_factory=free_port)
    ops: int = field(default_factory=free_port)
    public: int = field(default_factory=free_port)
    process: Process | None = None

    async def start(self) -> None:
        binds = {"GRPC": self.grpc, "OPS": self.ops, "PUBLIC": self.public}
        own = {f"REDRESS_{name}_BIND": f"[::]:{port}" for name, port in binds.items()}
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", self.service, "serve"),
                env=os.environ | self.settings | own,
                stdout=log,
                stderr=log,
            )

    async def end(self) -> int:
        """Its exit code after SIGTERM."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return await self.process.wait()

    async def kill(self) -> None:
        if self.process is not None and self.process.returncode is None:
            self.process.kill()
            await self.process.wait()

    async def ready(self) -> bool:
        with suppress(OSError):
            reader, writer = await asyncio.open_connection(LOOPBACK, self.ops)
            writer.write(b"GET /readyz HTTP/1.1\r\nHost: redress.example\r\nConnection: close\r\n\r\n")
            said = await reader.read()
            writer.close()
            return said.startswith(b"HTTP/1.1 200")
        return False

    async def until_ready(self) -> None:
        async with asyncio.timeout(200):
            while not await self.ready():
                await asyncio.sleep(0.05)


class Balancer:
    """Which gateways take new connections. A pod leaves when it is told to end, which a node hears a little later."""

    def __init__(self, gateways: list[Pod]) -> None:
        self._taking = list(gateways)

    async def leaves(self, pod: Pod) -> None:
        await asyncio.sleep(HEARD_S)
        self._taking = [one for one in self._taking if one is not pod]

    def returns(self, pod: Pod) -> None:
        self._taking = [*self._taking, pod]

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection(LOOPBACK, random.choice(self._taking).public)


@dataclass
class Clients:
    balancer: Balancer
    key: str
    answers: Counter[int] = field(default_factory=Counter)
    failures: list[str] = field(default_factory=list)

    async def keep_asking(self, *, keep: bool, rest_s: float) -> None:
        """Without end: by one connection as long as the server leaves it open, or by a new one for each request."""
        reader, writer = await self.balancer.connect()
        while True:
            if reader.at_eof() or writer.is_closing():
                reader, writer = await self.balancer.connect()
            try:
                stays = await self._ask(reader, writer, keep)
            except (OSError, EOFError, ValueError) as error:
                self.failures.append(repr(error))
                stays = False
            if not stays:
                writer.close()
                reader, writer = await self.balancer.connect()
            await asyncio.sleep(random.uniform(0, 2 * rest_s))

    async def _ask(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, keep: bool) -> bool:
        """Whether the connection may be used again."""
        writer.write(self._request(keep))
        head = (await reader.readuntil(b"\r\n\r\n")).decode().lower().split("\r\n")
        headers = dict(line.split(": ", 1) for line in head[1:] if line)
        body = await reader.readexactly(int(headers["content-length"]))
        status = int(head[0].split()[1])
        self.answers[status] += 1
        if status != 201:
            self.failures.append(body.decode()[:300])
        return headers.get("connection") != "close"

    def _request(self, keep: bool) -> bytes:
        body = json.dumps(COMPLAINT | {"description": f"The lamp flickers: {new_id()}"}).encode()
        lines = (
            "POST /v1/complaints HTTP/1.1",
            "Host: redress.example",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
            f"Authorization: Bearer {self.key}",
            f"Idempotency-Key: {new_id()}",
            f"Connection: {'keep-alive' if keep else 'close'}",
        )
        return "\r\n".join((*lines, "", "")).encode() + body


@asynccontextmanager
async def keys_by_name(document: dict[str, Any]) -> AsyncIterator[str]:
    """The URL at which whichever replica answers: a Service's name leads to one that is there."""
    body = json.dumps(document).encode()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.0 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, LOOPBACK, 0) as server:
        yield f"http://{LOOPBACK}:{server.sockets[0].getsockname()[1]}/"


def fleet(intake: dict[str, str], gateway: dict[str, str], logs: Path) -> tuple[list[Pod], list[Pod]]:
    """Two of each; the gateways know both intakes."""
    intakes = [Pod("intake", intake | {"REDRESS_REPLICA": f"intake-{n}"}, logs / f"intake-{n}.log") for n in range(2)]
    target = "ipv4:" + ",".join(f"{LOOPBACK}:{pod.grpc}" for pod in intakes)
    told = gateway | {"REDRESS_INTAKE_TARGET": target}
    gateways = [Pod("gateway", told | {"REDRESS_REPLICA": f"gateway-{n}"}, logs / f"gateway-{n}.log") for n in range(2)]
    return intakes, gateways
