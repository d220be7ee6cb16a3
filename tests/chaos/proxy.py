"""A TCP proxy between the services and what they ask, that can do what networks do. One link per asker and asked."""

import asyncio
import socket
import threading
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass, field
from typing import Any

import uvloop

from stack.ports import LOOPBACK

_PIECE = 65_536
TO_ASKED, TO_ASKER = "to the asked", "to the asker"
BOTH_WAYS = frozenset({TO_ASKED, TO_ASKER})
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@dataclass(eq=False)
class _Pipe:
    """One connection: its end at the asker and its end at the asked."""

    asker: Streams
    asked: Streams
    forgotten: bool = False
    """The asked is gone and nobody told the asker: what it says leads nowhere."""

    def abort(self) -> None:
        for _, writer in (self.asker, self.asked):
            writer.transport.abort()


@dataclass(eq=False)
class Link:
    """How one asker reaches one asked. Changed and read in the proxy's own thread only."""

    asking: str
    asked: str
    target: int
    delay_s: float = 0.0
    cutting: bool = False
    held: frozenset[str] = frozenset()
    """Directions in which nothing passes; what was sent waits, as TCP would keep sending it."""
    pipes: set[_Pipe] = field(default_factory=set)
    moved: asyncio.Event = field(default_factory=asyncio.Event)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            asked = await asyncio.open_connection(LOOPBACK, self.target)
        except OSError:
            writer.transport.abort()
            return
        pipe = _Pipe((reader, writer), asked)
        self.pipes.add(pipe)
        ways = [self._pass_on(pipe, reader, asked[1], TO_ASKED), self._pass_on(pipe, asked[0], writer, TO_ASKER)]
        try:
            await asyncio.gather(*ways)
        finally:
            self.pipes.discard(pipe)

    async def _pass_on(self, pipe: _Pipe, from_: asyncio.StreamReader, to: asyncio.StreamWriter, way: str) -> None:
        try:
            while piece := await from_.read(_PIECE):
                while way in self.held and not pipe.forgotten:
                    await self.moved.wait()
                if pipe.forgotten:
                    continue
                if self.delay_s:
                    await asyncio.sleep(self.delay_s)
                to.write(piece[: len(piece) // 2] if self.cutting else piece)
                await to.drain()
                if self.cutting:
                    pipe.abort()
                    return
        except (OSError, RuntimeError):  # uvloop calls writing to an aborted connection a RuntimeError
            pass
        if not (pipe.forgotten and way == TO_ASKER):
            to.close()

    def hold(self, ways: Iterable[str]) -> None:
        self.held = frozenset(ways)
        former, self.moved = self.moved, asyncio.Event()
        former.set()

    def slow_down(self, seconds: float) -> None:
        self.delay_s = seconds

    def cut(self, cutting: bool) -> None:
        self.cutting = cutting

    def abort_all(self) -> None:
        for pipe in list(self.pipes):
            pipe.abort()

    def forget_askers(self) -> None:
        """Half open: the asked sees its connections end, the askers see nothing."""
        for pipe in list(self.pipes):
            pipe.forgotten = True
            pipe.asked[1].transport.abort()


class Proxy:
    """All links, served by one thread; `links` gives those that match."""

    def __init__(self) -> None:
        self._links: list[Link] = []
        self._ports: dict[int, int] = {}
        self._loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()

    def route(self, asking: str, asked: str, port: int) -> int:
        """For `Stack(route=…)`: opens the link where it is not there yet and returns its port."""
        for link in self._links:
            if (link.asking, link.asked, link.target) == (asking, asked, port):
                return self._ports[id(link)]
        link = Link(asking, asked, port)
        listening = socket.create_server((LOOPBACK, 0), backlog=128)
        self._links.append(link)
        self._ports[id(link)] = listening.getsockname()[1]
        self._call(asyncio.start_server(link.serve, sock=listening))
        return self._ports[id(link)]

    def do(self, asking: str, asked: str, change: Callable[[Link], object]) -> int:
        """Changes every link whose asker and asked begin with these names ("" matches all); returns how many."""
        found = [one for one in self._links if one.asking.startswith(asking) and one.asked.startswith(asked)]

        async def apply() -> None:
            for link in found:
                change(link)

        self._call(apply())
        return len(found)

    def close(self) -> None:
        """Ends every connection; left to the garbage collector, their descriptors were closed under somebody else."""
        self.do("", "", Link.abort_all)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)
        if not self._loop.is_running():
            self._loop.close()

    def _call(self, work: Coroutine[Any, Any, object]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout=10)
