"""A stream of bytes is whole only when its sender says so: one that was cut off looks as if it had ended."""

from collections.abc import AsyncIterator
from typing import Any, TypeVar

from google.protobuf.message import Message

from chassis.errors import FieldError, Invalid

Part = TypeVar("Part", bound=Message)
"""A request with `header`, `chunk` or `end`: of whatever is uploaded."""


async def opening(parts: AsyncIterator[Part]) -> Part:
    """The first message, which holds the header. Raises Invalid for anything else."""
    async for part in parts:
        if part.HasField("header"):
            return part
        break
    raise Invalid("the first message must be the header", [FieldError("header", "is required")])


async def whole_chunks(parts: AsyncIterator[Any]) -> AsyncIterator[bytes]:
    """The pieces up to the last message, which tells their size. Raises Invalid when the stream broke off before."""
    size = 0
    async for part in parts:
        if part.WhichOneof("part") == "end" and part.end == size:
            return
        size += len(part.chunk)
        yield part.chunk
    raise Invalid("what was sent broke off before its end; send it again", slug="broke_off", status=400)
