"""A file on its way to intake. `write` waits until the owner can take more: that is what keeps the memory flat."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from chassis.call import Call
from chassis.rpc import translated
from gateway.adapters.owners import Owners, answered
from redress.intake.v1.intake_pb2 import ImportFileRequest, ImportHeader, ImportReport
from redress.intake.v1.intake_pb2_grpc import IntakeServiceStub


async def upload(
    owners: Owners, call: Call, timeout_s: float, header: ImportHeader, chunks: AsyncIterator[bytes]
) -> ImportReport:
    """Raises what intake refused, also in the middle of the file, and whatever `chunks` raises."""
    metadata = [("authorization", owners.token(call)), ("traceparent", call.traceparent or "")]
    if call.idempotency_key:
        metadata.append(("idempotency-key", call.idempotency_key))
    stub: Any = IntakeServiceStub(owners.channels["intake"])
    stream = stub.ImportFile(timeout=timeout_s, metadata=metadata)
    try:
        return await answered(_send(stream, header, chunks))
    except BaseException:
        stream.cancel()
        raise


async def _send(stream: Any, header: ImportHeader, chunks: AsyncIterator[bytes]) -> ImportReport:
    try:
        await stream.write(ImportFileRequest(header=header))
        async for chunk in chunks:
            if stream.done() or not await _write(stream, ImportFileRequest(chunk=chunk)):
                break  # The owner has answered before the file ended; its answer says why.
        await stream.done_writing()
        report: ImportReport = await stream
    except grpc.aio.AioRpcError as error:
        raise translated(error) from error
    return report


async def _write(stream: Any, message: ImportFileRequest) -> bool:
    """False once the owner has ended the call.

    `stream.write` would then put an internal error of its own in the place of the owner's answer (grpcio 1.85,
    aio/_call.py `_write`: set_internal_error), and the client would never read what was wrong; so we write beneath it.
    """
    try:
        await stream._cython_call.send_serialized_message(message.SerializeToString())
    except cygrpc.InternalError:
        return False
    return True
