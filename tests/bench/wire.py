"""One kept HTTP/1.1 connection with one request at a time, as lean as Python allows: a load generator that shares
the cores with what it measures takes from the result what it costs itself."""

import asyncio
import re
from typing import cast

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_HEAD_END = b"\r\n\r\n"


class Wire(asyncio.Protocol):
    def __init__(self) -> None:
        self._buffer = bytearray()
        self._answer: asyncio.Future[tuple[int, bytes]] | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's are none by inheritance

    @property
    def is_open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    async def send(self, request: bytes) -> tuple[int, bytes]:
        """Status and body. Raises ConnectionError when the connection ends before the answer does."""
        if self._transport is None or not self.is_open:
            raise ConnectionResetError("the connection was closed")
        self._answer = asyncio.get_running_loop().create_future()
        self._transport.write(request)
        return await self._answer

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if (found := whole_answer(self._buffer)) is None:
            return
        status, body, end = found
        del self._buffer[:end]
        if self._answer is not None and not self._answer.done():
            self._answer.set_result((status, body))

    def connection_lost(self, error: Exception | None) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(ConnectionResetError(str(error or "closed by the server")))

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


def whole_answer(buffer: bytes | bytearray) -> tuple[int, bytes, int] | None:
    """Status, body and where the answer ends in the buffer; None while a part of it is missing."""
    head_end = buffer.find(_HEAD_END)
    if head_end < 0:
        return None
    length = _LENGTH.search(buffer, 0, head_end)
    begin = head_end + len(_HEAD_END)
    end = begin + (int(length[1]) if length else 0)
    if len(buffer) < end:
        return None
    return int(buffer[9:12]), bytes(buffer[begin:end]), end


async def open_wire(host: str, port: int) -> Wire:
    _, wire = await asyncio.get_running_loop().create_connection(Wire, host, port)
    return wire
