"""What the proxy does to a connection; the server behind it says everything back."""

import asyncio
import gc
import socketserver
import threading
from collections.abc import Iterator
from contextlib import suppress

import pytest

from tests.chaos.proxy import BOTH_WAYS, TO_ASKER, Link, Proxy


class Echo(socketserver.BaseRequestHandler):
    def handle(self) -> None:
        while data := self.request.recv(4096):
            self.request.sendall(data)


class Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


@pytest.fixture
def echo() -> Iterator[int]:
    with Server(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    made = Proxy()
    yield made
    made.close()
    del made
    # What a finished test left open is closed now, not under the next one, whose sockets may get the same numbers.
    gc.collect()


async def opened(proxy: Proxy, echo: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A connection that works. On a crowded machine the echo server has once refused the first; then a second."""
    for _ in range(2):
        reader, writer = await asyncio.open_connection("127.0.0.1", proxy.route("intake-0", "postgres", echo))
        writer.write(b"hello")
        with suppress(ConnectionError):
            if await asyncio.wait_for(reader.read(5), 2) == b"hello":
                return reader, writer
        writer.close()
    raise AssertionError("the proxy connects nobody")


async def nothing_comes(reader: asyncio.StreamReader) -> None:
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.1)


async def test_a_link_is_made_once_and_found_by_the_beginning_of_its_names(proxy: Proxy, echo: int) -> None:
    assert proxy.route("intake-0", "postgres", echo) == proxy.route("intake-0", "postgres", echo)
    assert proxy.do("", "postgres", lambda link: None) == 1
    assert proxy.do("workflow", "postgres", lambda link: None) == 0


@pytest.mark.parametrize("ways", [BOTH_WAYS, {TO_ASKER}])
async def test_what_a_black_hole_held_arrives_once_it_is_gone(proxy: Proxy, echo: int, ways: set[str]) -> None:
    reader, writer = await opened(proxy, echo)
    proxy.do("", "", lambda link: link.hold(ways))
    writer.write(b"later")
    await nothing_comes(reader)
    proxy.do("", "", lambda link: link.hold(()))
    assert await asyncio.wait_for(reader.readexactly(5), 2) == b"later"


async def test_a_cut_message_arrives_by_half(proxy: Proxy, echo: int) -> None:
    reader, writer = await opened(proxy, echo)
    proxy.do("", "", lambda link: link.cut(True))
    writer.write(b"0123456789")
    received = b""
    with pytest.raises((ConnectionError, EOFError)):
        while True:
            received += await asyncio.wait_for(reader.readexactly(1), 2)
    assert len(received) < 10


async def test_after_a_reset_the_next_connection_works(proxy: Proxy, echo: int) -> None:
    reader, _ = await opened(proxy, echo)
    proxy.do("", "", Link.abort_all)
    with pytest.raises((ConnectionError, EOFError)):
        await asyncio.wait_for(reader.readexactly(1), 2)
    await opened(proxy, echo)


async def test_a_half_open_connection_says_nothing_and_the_next_one_works(proxy: Proxy, echo: int) -> None:
    reader, writer = await opened(proxy, echo)
    proxy.do("", "", Link.forget_askers)
    writer.write(b"anyone?")
    await nothing_comes(reader)
    await opened(proxy, echo)
