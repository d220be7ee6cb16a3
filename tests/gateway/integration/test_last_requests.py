"""The public port at its end: nothing that has begun to come is cut, nothing idle is waited for."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from chassis.http import HttpServer
from gateway.edge.protocol import ConnectionLimits, guarded_protocol
from stack.ports import LOOPBACK

_LIMITS = ConnectionLimits(
    header_bytes=32_768, header_count=100, header_timeout_s=5.0, leftover_timeout_s=5.0, connections=100
)
_REQUEST = b"GET / HTTP/1.1\r\nHost: redress.example\r\n\r\n"


async def app(_scope: Any, _receive: Any, send: Any) -> None:
    await asyncio.sleep(0.2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})


class Client:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    def send(self, piece: bytes) -> None:
        self.writer.write(piece)

    async def answer(self) -> str:
        """Its head; empty when the connection was closed instead."""
        try:
            head = await self.reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError:
            return ""
        await self.reader.readexactly(2)
        return head.decode().lower()


@pytest.fixture
async def server() -> AsyncIterator[HttpServer]:
    made = HttpServer(app, f"{LOOPBACK}:0", http=guarded_protocol(_LIMITS), timeout_graceful_shutdown=5)
    await made.start()
    yield made
    await made.stop()


async def connected(server: HttpServer) -> Client:
    return Client(*await asyncio.open_connection(LOOPBACK, server.port))


async def test_during_the_farewell_each_answer_closes_its_connection(server: HttpServer) -> None:
    client = await connected(server)
    client.send(_REQUEST)
    assert "connection: close" not in await client.answer()
    server.farewell()
    client.send(_REQUEST)
    assert "connection: close" in await client.answer()
    assert await client.reader.read() == b""
    newcomer = await connected(server)
    newcomer.send(_REQUEST)
    assert "connection: close" in await newcomer.answer()


async def test_at_the_end_requests_in_hand_begun_and_unread_are_answered_and_idle_connections_closed(
    server: HttpServer,
) -> None:
    in_hand, begun, unread, idle = [await connected(server) for _ in range(4)]
    for client in (unread, idle):
        client.send(_REQUEST)
        assert "200" in await client.answer()
    in_hand.send(_REQUEST)
    begun.send(_REQUEST[:20])
    await asyncio.sleep(0.1)
    unread.send(_REQUEST)  # lies in the kernel when the server, in this very turn of the loop, begins to end
    stopping = asyncio.create_task(server.stop())
    await asyncio.sleep(0.1)
    begun.send(_REQUEST[20:])
    answers = await asyncio.gather(*(client.answer() for client in (in_hand, begun, unread, idle)))
    assert [answer[:15] for answer in answers] == ["http/1.1 200 ok"] * 3 + [""]
    async with asyncio.timeout(3):
        await stopping
