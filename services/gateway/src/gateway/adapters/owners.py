import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import grpc
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message
from google.protobuf.message_factory import GetMessageClass

from chassis import logs
from chassis.errors import RedressError, Unavailable
from chassis.rpc import channel, invoke
from chassis.tokens import Signer
from gateway.edge.exchange import Exchange
from gateway.edge.principal import Principal
from gateway.settings import Settings

_LOG = logs.get("owners")
T = TypeVar("T", bound=Message)
OWNERS = ("intake", "workflow", "capa", "notify", "analytics")


@dataclass(frozen=True)
class Asked:
    """On whose call an owner is asked, and how long the caller waits."""

    principal: Principal
    exchange: Exchange
    timeout_s: float
    idempotency_key: str | None = None


class Owners:
    """Channels to the services, and the token under which each person's call travels."""

    def __init__(self, settings: Settings, signer: Signer, extra: Mapping[str, str] | None = None) -> None:
        targets = {name: getattr(settings, f"{name}_target") for name in OWNERS} | dict(extra or {})
        self.channels = {name: channel(target) for name, target in targets.items()}
        self._signer = signer
        self._methods: dict[str, Callable[..., Awaitable[Any]]] = {}

    def token(self, principal: Principal) -> str:
        """Cached by the signer until shortly before it expires."""
        return self._signer.sign(
            principal.actor, roles=principal.roles, department=principal.department, scope=principal.scope or None
        )

    async def ask(self, owner: str, method: MethodDescriptor, request: Message, asked: Asked) -> Message:
        """One unary call. Raises what the owner raised, Unavailable when it does not answer in time."""
        reply: Message = await answered(
            invoke(
                self._method(owner, method),
                request,
                token=self.token(asked.principal),
                timeout=asked.timeout_s,
                idempotency_key=asked.idempotency_key,
                traceparent=asked.exchange.traceparent,
            )
        )
        return reply

    def gateway_token(self) -> str:
        return self._signer.for_service()

    async def close(self) -> None:
        await asyncio.gather(*(each.close() for each in self.channels.values()))

    def _method(self, owner: str, method: MethodDescriptor) -> Callable[..., Awaitable[Any]]:
        path = f"{owner}/{method.full_name}"
        if path not in self._methods:
            self._methods[path] = unary(self.channels[owner], method)
        return self._methods[path]


def unary(on: grpc.aio.Channel, method: MethodDescriptor) -> Callable[..., Awaitable[Any]]:
    full_path = f"/{method.containing_service.full_name}/{method.name}"
    kind = GetMessageClass(method.output_type)
    made: Callable[..., Awaitable[Any]] = on.unary_unary(
        full_path, request_serializer=lambda message: message.SerializeToString(), response_deserializer=kind.FromString
    )
    return made


async def answered(reply: Awaitable[T]) -> T:
    """An owner that refuses our own token is broken for the client, who may come again; its credentials are fine."""
    try:
        return await reply
    except RedressError as error:
        if error.status == 401:
            _LOG.error("an owner refused the internal token", slug=error.slug, detail=error.detail)
            raise Unavailable("a service we need did not accept our call") from error
        raise
