"""A stream of bytes is whole only when its sender says so: one that was cut off looks as if it had ended."""

from collections.abc import AsyncIterator
from typing import TypeVar

from chassis.errors import FieldError, Invalid
from redress.intake.v1 import intake_pb2 as pb

Part = TypeVar("Part", pb.ImportFileRequest, pb.ReceiveMailRequest)
Parts = AsyncIterator[pb.ImportFileRequest] | AsyncIterator[pb.ReceiveMailRequest]


async def opening(parts: AsyncIterator[Part]) -> Part:
    """The first message, which holds the header. Raises Invalid for anything else."""
    async for part in parts:
        if part.HasField("header"):
            return part
        break
    raise Invalid("the first message must be the header", [FieldError("header", "is required")])


async def whole_chunks(parts: Parts) -> AsyncIterator[bytes]:
    """The pieces up to the last message, which tells their size. Raises Invalid when the stream broke off before."""
    size = 0
    async for part in parts:
        if part.WhichOneof("part") == "end" and part.end == size:
            return
        size += len(part.chunk)
        yield part.chunk
    raise Invalid("what was sent broke off before its end; send it again", slug="broke_off", status=400)
