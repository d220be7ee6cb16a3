"""A stream on its way to intake. `write` waits until the owner can take more: that is what keeps the memory flat."""

from collections.abc import AsyncIterator
from typing import Any

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass
from grpc._cython import cygrpc  # type: ignore[attr-defined]

from chassis.asking import translated
from chassis.call import Call
from gateway.adapters.contracts import method_of
from gateway.adapters.owners import Owners, answered


async def upload(
    owners: Owners, call: Call, timeout_s: float, method: str, header: Message, chunks: AsyncIterator[bytes]
) -> Any:
    """The reply of intake's `method`, whose requests are {header | chunk | end}. Raises what intake refused, also in
    the middle of the file, and whatever `chunks` raises.
    """
    descriptor = method_of("intake", method)
    request = GetMessageClass(descriptor.input_type)

    async def parts() -> AsyncIterator[Message]:
        yield request(header=header)
        sent = 0
        async for chunk in chunks:
            yield request(chunk=chunk)
            sent += len(chunk)
        yield request(end=sent)

    stream = _begun(owners, call, timeout_s, descriptor)
    try:
        return await answered(_send(stream, parts()))
    except BaseException:
        stream.cancel()
        raise


def _begun(owners: Owners, call: Call, timeout_s: float, method: MethodDescriptor) -> Any:
    metadata = [("authorization", owners.token(call)), ("traceparent", call.traceparent or "")]
    if call.idempotency_key:
        metadata.append(("idempotency-key", call.idempotency_key))
    begin: Any = owners.channels["intake"].stream_unary(
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    return begin(timeout=timeout_s, metadata=metadata)


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
