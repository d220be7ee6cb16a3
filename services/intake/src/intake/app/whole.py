"""A stream of bytes is whole only when its sender says so: one that was cut off looks as if it had ended."""

from collections.abc import AsyncIterator

from chassis.errors import Invalid
from redress.intake.v1 import intake_pb2 as pb

Parts = AsyncIterator[pb.ImportFileRequest] | AsyncIterator[pb.ReceiveMailRequest]


async def whole_chunks(parts: Parts) -> AsyncIterator[bytes]:
    """The pieces up to the last message, which tells their size. Raises Invalid when the stream broke off before."""
    size = 0
    async for part in parts:
        if part.WhichOneof("part") == "end" and part.end == size:
            return
        size += len(part.chunk)
        yield part.chunk
    raise Invalid("what was sent broke off before its end; send it again", slug="broke_off", status=400)
