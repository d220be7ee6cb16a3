"""TLS before a PostgreSQL that was built without: what the client sees is PostgreSQL's own way into it.

The server answers an SSLRequest with one byte, then both begin with TLS (PostgreSQL, "Frontend/Backend Protocol", SSL
Session Encryption), as a pooler in front of it does.
"""

import asyncio
import ssl
from contextlib import AsyncExitStack, suppress
from typing import Self
from urllib.parse import urlsplit

from stack.ports import LOOPBACK, free_port
from tests.chassis.integration.authority import Shown

_SSL_REQUEST = (8).to_bytes(4) + (80877103).to_bytes(4)


class TlsFront:
    def __init__(self, shown: Shown, host: str, port: int) -> None:
        self._behind = (host, port)
        self._context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self._context.load_cert_chain(shown.certificate, shown.key)
        self.port = free_port()
        self.encrypted = 0
        """Connections that came by TLS."""
        self._opened = AsyncExitStack()

    def address(self, dsn: str) -> str:
        parts = urlsplit(dsn)
        return parts._replace(netloc=f"{parts.netloc.rpartition('@')[0]}@{LOOPBACK}:{self.port}").geturl()

    async def __aenter__(self) -> Self:
        server = await asyncio.start_server(self._serve, LOOPBACK, self.port)
        await self._opened.enter_async_context(server)
        return self

    async def __aexit__(self, *_error: object) -> None:
        await self._opened.aclose()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, EOFError):
            assert await reader.readexactly(8) == _SSL_REQUEST, "none of these tests may speak in the clear"
            writer.write(b"S")
            await writer.start_tls(self._context)
            self.encrypted += 1
            behind_reader, behind = await asyncio.open_connection(*self._behind)
            await asyncio.gather(_pass_on(reader, behind), _pass_on(behind_reader, writer))
        writer.close()


async def _pass_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(OSError):
        while piece := await reader.read(65536):
            writer.write(piece)
    writer.close()
