"""Replicas come and go under callers who never pause: no call is lost, and ending is bounded."""

import asyncio
import json
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthStub

from chassis.asking import channel, invoke
from chassis.errors import RedressError, Unavailable
from chassis.http import HttpServer, fetch_json
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.rpc import Server
from chassis.tokens import Calls, Signer
from redress.admin.v1 import admin_pb2, admin_pb2_grpc
from stack.keys import new_signing_key
from stack.ports import LOOPBACK, free_port

CALLERS = 20
SIGNER = Signer("gateway", new_signing_key())


class Counting(admin_pb2_grpc.AdminServiceServicer):
    def __init__(self, number: int, work_s: float) -> None:
        self.number = number
        self.begun = 0
        self._work_s = work_s

    async def ListDeadLetters(  # type: ignore[override]
        self, _request: admin_pb2.ListDeadLettersRequest, _context: Any
    ) -> admin_pb2.ListDeadLettersReply:
        self.begun += 1
        await asyncio.sleep(self._work_s)
        return admin_pb2.ListDeadLettersReply(next_cursor=str(self.number))


async def started(port: int, number: int, work_s: float = 0.003) -> Server:
    async def fetch(_url: str) -> dict[str, Any]:
        return SIGNER.jwks()

    server = Server(Calls(PublishedKeys({"gateway": "x"}, fetch)), Metrics("fake", "0"))
    admin_pb2_grpc.add_AdminServiceServicer_to_server(Counting(number, work_s), server.grpc)
    await server.start(f"[::]:{port}")
    return server


@pytest.fixture
async def ask() -> AsyncIterator[Callable[..., Any]]:
    opened: list[grpc.aio.Channel] = []

    def make(target: str) -> Callable[[], Any]:
        opened.append(channel(target))
        stub = admin_pb2_grpc.AdminServiceStub(opened[-1])
        request = admin_pb2.ListDeadLettersRequest()
        return lambda: invoke(stub.ListDeadLetters, request, token=SIGNER.for_service(), timeout=10)

    yield make
    for one in opened:
        await one.close()


async def test_no_call_is_lost_while_either_replica_is_started_again(ask: Callable[..., Any]) -> None:
    ports = [free_port(), free_port()]
    servers = [await started(port, number) for number, port in enumerate(ports)]
    call = ask(f"ipv4:{LOOPBACK}:{ports[0]},{LOOPBACK}:{ports[1]}")
    answered: Counter[str] = Counter()
    over = False

    async def keep_calling() -> None:
        while not over:
            try:
                answered[(await call()).next_cursor] += 1
            except RedressError as error:
                answered[f"{error}: {error.__cause__}"] += 1

    callers = [asyncio.create_task(keep_calling()) for _ in range(CALLERS)]
    for turn in range(4):
        await asyncio.sleep(0.3)
        await servers[turn % 2].stop(5)
        servers[turn % 2] = await started(ports[turn % 2], turn % 2)
    over = True
    await asyncio.gather(*callers)
    await asyncio.gather(*(server.stop(0) for server in servers))
    assert set(answered) == {"0", "1"}, answered


async def test_a_call_in_hand_is_finished_and_what_takes_too_long_is_cut_in_time(ask: Callable[..., Any]) -> None:
    port = free_port()
    server = await started(port, 0, work_s=0.5)
    call = ask(f"{LOOPBACK}:{port}")
    in_hand = asyncio.create_task(call())
    await asyncio.sleep(0.2)
    await server.stop(5)
    assert (await in_hand).next_cursor == "0"

    server = await started(port, 0, work_s=30)
    endless = asyncio.create_task(call())
    await asyncio.sleep(0.5)
    begun = time.monotonic()
    await server.stop(0.5)
    assert time.monotonic() - begun < 2
    with pytest.raises(Unavailable):
        await endless


async def test_a_call_that_found_nobody_waits_a_moment_for_a_successor_and_no_longer(ask: Callable[..., Any]) -> None:
    port = free_port()
    call = ask(f"{LOOPBACK}:{port}")
    begun = time.monotonic()
    with pytest.raises(Unavailable):
        await call()
    assert time.monotonic() - begun < 3
    waiting = asyncio.create_task(call())
    await asyncio.sleep(0.3)
    server = await started(port, 7)
    assert (await waiting).next_cursor == "7"
    await server.stop(0)


async def test_watchers_are_told_that_a_server_leaves_and_its_health_can_be_asked() -> None:
    port = free_port()
    server = await started(port, 0)
    async with grpc.aio.insecure_channel(f"{LOOPBACK}:{port}") as plain:
        stub: Any = HealthStub(plain)  # type: ignore[no-untyped-call]
        asked = await stub.Check(HealthCheckRequest())
        watching = stub.Watch(HealthCheckRequest())
        assert asked.status == (await watching.read()).status == HealthCheckResponse.SERVING
        stopping = asyncio.create_task(server.stop(5))
        assert (await watching.read()).status == HealthCheckResponse.NOT_SERVING
        async with asyncio.timeout(2):  # a stream that watches holds nobody up
            await stopping


@pytest.mark.parametrize("host", ["[::1]", LOOPBACK])
async def test_a_door_for_both_families_lets_both_in(host: str) -> None:
    async def app(_scope: Any, _receive: Any, send: Any) -> None:
        body = json.dumps({"in": True}).encode()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": body})

    server = HttpServer(app, "[::]:0")
    await server.start()
    assert await fetch_json(f"http://{host}:{server.port}/") == {"in": True}
    await server.stop()


async def test_a_door_that_is_taken_says_which() -> None:
    with socket.create_server((LOOPBACK, 0)) as taken:
        bind = f"{LOOPBACK}:{taken.getsockname()[1]}"
        with pytest.raises(OSError, match=f"cannot listen on {bind}"):
            await HttpServer(lambda *_: None, bind).start()  # type: ignore[arg-type,return-value]


def test_a_process_that_hangs_at_its_end_is_gone_when_it_promised() -> None:
    code = (
        "import time, types; from chassis import ending; ending.CLOSING_S = 0.2;"
        "ending.end_in_time(types.SimpleNamespace(farewell_seconds=0.1, drain_seconds=0.1)); time.sleep(60)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=50)  # noqa: S603
    assert done.returncode == 1
    assert "did not end in time" in done.stdout
