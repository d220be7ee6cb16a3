"""A stream on its way to intake. `write` waits until the owner can take more: that is what keeps the memory flat."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.message import Message
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from chassis.asking import translated
from chassis.call import Call
from gateway.adapters.owners import Owners, answered
from redress.intake.v1.intake_pb2 import (
    ImportFileRequest,
    ImportHeader,
    ImportReport,
    MailHeader,
    ReceiveMailRequest,
    SubmissionReceipt,
)
from redress.intake.v1.intake_pb2_grpc import IntakeServiceStub


async def upload_file(
    owners: Owners, call: Call, timeout_s: float, header: ImportHeader, chunks: AsyncIterator[bytes]
) -> ImportReport:
    """Raises what intake refused, also in the middle of the file, and whatever `chunks` raises."""

    async def parts() -> AsyncIterator[Message]:
        yield ImportFileRequest(header=header)
        sent = 0
        async for chunk in chunks:
            yield ImportFileRequest(chunk=chunk)
            sent += len(chunk)
        yield ImportFileRequest(end=sent)

    report: ImportReport = await _upload(owners, call, timeout_s, "ImportFile", parts())
    return report


async def upload_mail(
    owners: Owners, call: Call, timeout_s: float, header: MailHeader, chunks: AsyncIterator[bytes]
) -> SubmissionReceipt:
    """Raises what intake refused, and whatever `chunks` raises."""

    async def parts() -> AsyncIterator[Message]:
        yield ReceiveMailRequest(header=header)
        sent = 0
        async for chunk in chunks:
            yield ReceiveMailRequest(chunk=chunk)
            sent += len(chunk)
        yield ReceiveMailRequest(end=sent)

    receipt: SubmissionReceipt = await _upload(owners, call, timeout_s, "ReceiveMail", parts())
    return receipt


async def _upload(owners: Owners, call: Call, timeout_s: float, method: str, parts: AsyncIterator[Message]) -> Any:
    metadata = [("authorization", owners.token(call)), ("traceparent", call.traceparent or "")]
    if call.idempotency_key:
        metadata.append(("idempotency-key", call.idempotency_key))
    stub: Any = IntakeServiceStub(owners.channels["intake"])
    stream = getattr(stub, method)(timeout=timeout_s, metadata=metadata)
    try:
        return await answered(_send(stream, parts))
    except BaseException:
        stream.cancel()
        raise


async def _send(stream: Any, parts: AsyncIterator[Message]) -> Any:
    try:
        async for part in parts:
            if stream.done() or not await _write(stream, part):
                break  # The owner has answered before the stream ended; its answer says why.
        await stream.done_writing()
        return await stream
    except grpc.aio.AioRpcError as error:
        raise translated(error) from error


async def _write(stream: Any, message: Message) -> bool:
    """False once the owner has ended the call.

    `stream.write` would then put an internal error of its own in the place of the owner's answer (grpcio 1.85,
    aio/_call.py `_write`: set_internal_error), and the client would never read what was wrong; so we write beneath it.
    """
    try:
        await stream._cython_call.send_serialized_message(message.SerializeToString())
    except cygrpc.InternalError:
        return False
    return True
