"""HTTP as bytes: what no well-behaved client library would send."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from urllib.parse import urlsplit

_STATUS = re.compile(rb"HTTP/1\.[01] (\d{3}) ")


def address_of(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    assert parts.hostname
    assert parts.port
    return parts.hostname, parts.port


def request(line: str, *headers: str, key: str = "", body: bytes = b"") -> bytes:
    """A request with a Host, the caller's key and what is given, after which the server closes; nothing is added for
    the body."""
    lines = [line, "Host: localhost", "Connection: close", *headers, *([f"X-API-Key: {key}"] if key else [])]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(*address_of(url), limit=2**22)
    try:
        yield reader, writer
    finally:
        writer.close()
        with suppress(OSError):
            await writer.wait_closed()


async def answers(url: str, sent: bytes, *, within_s: float = 10, half_close: bool = False) -> bytes:
    """All that comes back until the server closes, or for as long as it takes to be sure that nothing more comes."""
    async with connected(url) as (reader, writer):
        with suppress(OSError):
            writer.write(sent)
            await asyncio.wait_for(writer.drain(), within_s)
            if half_close:
                writer.write_eof()
        return await read_all(reader, within_s)


async def read_all(reader: asyncio.StreamReader, within_s: float, quiet_s: float = 1.0) -> bytes:
    got = b""
    with suppress(TimeoutError, OSError):
        while piece := await asyncio.wait_for(reader.read(65_536), quiet_s if got else within_s):
            got += piece
    return got


def statuses(got: bytes) -> list[int]:
    return [int(each) for each in _STATUS.findall(got)]


def json_request(path: str, body: bytes, *headers: str, key: str, verb: str = "POST") -> bytes:
    length = f"Content-Length: {len(body)}"
    return request(f"{verb} {path} HTTP/1.1", "Content-Type: application/json", length, *headers, key=key, body=body)
