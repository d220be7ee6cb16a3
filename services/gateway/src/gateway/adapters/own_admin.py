from typing import Any

from google.protobuf.message import Message

from chassis.admin import AdminServicer
from chassis.call import Call, set_current_call
from gateway.edge.exchange import Exchange
from gateway.edge.principal import Principal


def call_of(principal: Principal, exchange: Exchange, idempotency_key: str | None = None) -> Call:
    """What a token would say, for use cases that run in this process."""
    return Call(
        actor=principal.actor,
        roles=frozenset(principal.roles),
        scope=principal.scope,
        department=principal.department,
        idempotency_key=idempotency_key,
        traceparent=exchange.traceparent,
    )


class OwnAdmin:
    """The gateway's own AdminService without the way over the network."""

    def __init__(self, servicer: AdminServicer) -> None:
        self._servicer = servicer

    async def ask(self, method: str, request: Message, call: Call) -> Message:
        set_current_call(call)
        serve: Any = getattr(self._servicer, method)
        reply: Message = await serve(request, None)
        return reply
