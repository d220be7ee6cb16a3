import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis import logs
from chassis.asking import channel, invoke, stream
from chassis.call import Call
from chassis.errors import RedressError, Unavailable
from chassis.tokens import Signer
from gateway.adapters.contracts import OWNERS
from gateway.settings import Settings

_LOG = logs.get("owners")
T = TypeVar("T")


class Owners:
    """Channels to the services, and the token under which each person's call travels."""

    def __init__(self, settings: Settings, signer: Signer) -> None:
        self.channels = {name: channel(getattr(settings, f"{name}_target")) for name in OWNERS}
        self.own_token = signer.for_service
        self._signer = signer
        self._methods: dict[str, Callable[..., Awaitable[Any]]] = {}

    def token(self, call: Call) -> str:
        """Cached by the signer until shortly before it expires."""
        roles = tuple(sorted(call.roles))
        return self._signer.sign(call.actor, roles=roles, department=call.department, scope=call.scope or None)

    async def ask(
        self, owner: str, method: MethodDescriptor, request: Message, call: Call, timeout_s: float
    ) -> Message:
        """One unary call. Raises what the owner raised, Unavailable when it does not answer in time."""
        reply: Message = await answered(
            invoke(
                self._method(owner, method),
                request,
                token=self.token(call),
                timeout=timeout_s,
                idempotency_key=call.idempotency_key,
                traceparent=call.traceparent,
            )
        )
        return reply

    async def stream(
        self, owner: str, method: MethodDescriptor, request: Message, call: Call, timeout_s: float
    ) -> AsyncIterator[Message]:
        """The replies of one streaming call. Raises as `ask`."""
        replies: AsyncIterator[Message] = stream(
            streaming(self.channels[owner], method),
            request,
            token=self.token(call),
            timeout=timeout_s,
            traceparent=call.traceparent,
        )
        try:
            async for reply in replies:
                yield reply
        except RedressError as error:
            raise for_client(error) from error

    async def ask_ourselves(
        self, owner: str, method: MethodDescriptor, request: Message, traceparent: str, timeout_s: float
    ) -> Message:
        """For a customer with a link, who is nobody's user: the call is ours. Raises as `ask`."""
        reply: Message = await answered(
            invoke(
                self._method(owner, method),
                request,
                token=self.own_token(),
                timeout=timeout_s,
                traceparent=traceparent,
            )
        )
        return reply

    async def close(self) -> None:
        await asyncio.gather(*(each.close() for each in self.channels.values()))

    def _method(self, owner: str, method: MethodDescriptor) -> Callable[..., Awaitable[Any]]:
        path = f"{owner}/{method.full_name}"
        if path not in self._methods:
            self._methods[path] = unary(self.channels[owner], method)
        return self._methods[path]


def unary(on: grpc.aio.Channel, method: MethodDescriptor) -> Callable[..., Awaitable[Any]]:
    full_path = f"/{method.containing_service.full_name}/{method.name}"
    reply = GetMessageClass(method.output_type)
    made: Callable[..., Awaitable[Any]] = on.unary_unary(
        full_path,
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=reply.FromString,
    )
    return made


def streaming(on: grpc.aio.Channel, method: MethodDescriptor) -> Callable[..., AsyncIterator[Any]]:
    made: Callable[..., AsyncIterator[Any]]
    made = on.unary_stream(  # type: ignore[assignment]
        f"/{method.containing_service.full_name}/{method.name}",
        request_serializer=lambda message: message.SerializeToString(),
        response_deserializer=GetMessageClass(method.output_type).FromString,
    )
    return made


async def answered(reply: Awaitable[T]) -> T:
    try:
        return await reply
    except RedressError as error:
        raise for_client(error) from error


def for_client(error: RedressError) -> RedressError:
    """An owner that refuses our own token is our trouble: the client's credentials are fine, it may come again."""
    if error.status != 401:
        return error
    _LOG.error("an owner refused the internal token", slug=error.slug, detail=error.detail)
    return Unavailable("a service we need did not accept our call")
