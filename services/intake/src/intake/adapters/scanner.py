"""clamd's INSTREAM: the bytes as they come, then one line that says what was found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from struct import pack

from chassis.errors import Unavailable

CLEAN = "clean"
NOT_SCANNED = "not_scanned"
_PATIENCE_S = 60.0
_MOST = 1024
_FAILURES = (OSError, TimeoutError, asyncio.IncompleteReadError)


class Scan:
    """One file on its way through clamd."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    async def take(self, piece: bytes) -> None:
        if piece:
            self._writer.write(pack(">I", len(piece)) + piece)
            await self._writer.drain()

    async def verdict(self) -> str:
        """`clean`, or the name of what was found. Raises Unavailable for an answer that says neither."""
        self._writer.write(pack(">I", 0))
        await self._writer.drain()
        said = (await self._reader.read(_MOST)).decode("utf-8", "replace").strip("\0\r\n ")
        answer = said.removeprefix("stream:").strip()
        if answer == "OK":
            return CLEAN
        if answer.endswith(" FOUND"):
            return answer.removesuffix(" FOUND")[:200]
        raise Unavailable("the virus scanner could not look at the file")


class Unscanned(Scan):
    """Where no scanner is set up: said so on every file."""

    def __init__(self) -> None:
        pass

    async def take(self, piece: bytes) -> None:
        return

    async def verdict(self) -> str:
        return NOT_SCANNED


class Scanner:
    def __init__(self, host: str, port: int) -> None:
        self._host = host
        self._port = port

    @asynccontextmanager
    async def scan(self) -> AsyncIterator[Scan]:
        """Raises Unavailable: a file that nobody looked at is not taken where somebody should."""
        if not self._host:
            yield Unscanned()
            return
        try:
            async with asyncio.timeout(_PATIENCE_S):
                reader, writer = await asyncio.open_connection(self._host, self._port)
                try:
                    writer.write(b"zINSTREAM\0")
                    yield Scan(reader, writer)
                finally:
                    writer.close()
        except _FAILURES as error:
            raise Unavailable("the virus scanner does not answer") from error
