"""The asking end of gRPC: one kind of channel, calls with deadlines, errors translated once."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message

from chassis import logs
from chassis.errors import FieldError, RedressError, Unauthenticated, Unavailable
from chassis.rpc import DETAILS, MAX_MESSAGE, PING_EVERY_MS
from redress.common.v1.common_pb2 import Refusal

_LOG = logs.get("rpc")
_DEFAULT_TIMEOUT_S = 5.0
_WAIT_S = 1.0
_NOBODY_THERE = ("onnections to all backends failing", "ailed to connect to all addresses", "mpty address list")
# Spread over all replicas, and watch their presence: one that is about to end is left before it does.
_SERVICE_CONFIG = '{"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""}}'

T = TypeVar("T")


def error_of(refusal: Refusal) -> RedressError:
    return RedressError(
        refusal.detail,
        fields=[FieldError(f.field, f.message) for f in refusal.fields],
        possible=list(refusal.possible),
        slug=refusal.slug,
        status=refusal.status,
        retry_after=2 if refusal.status == 503 else None,
    )


def translated(error: grpc.aio.AioRpcError) -> RedressError:
    """What the other side said; an outage where it said nothing."""
    for key, value in error.trailing_metadata() or ():
        if key == DETAILS:
            return error_of(Refusal.FromString(value if isinstance(value, bytes) else value.encode()))
    code = error.code()
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return Unavailable("a service we need does not answer")
    if code is grpc.StatusCode.UNIMPLEMENTED:
        # In a rollout the caller may come before the one it calls.
        return Unavailable("a service we need does not know this call yet", retry_after=10)
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Unavailable("a service we need did not answer in time")
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return Unauthenticated("the internal token was refused")
    _LOG.error("unexpected answer of a service", code=str(code), detail=(error.details() or "")[:200])
    return RedressError("a service answered with an internal error", slug="internal", status=500)


def channel(target: str) -> grpc.aio.Channel:
    """`host:port` resolves by DNS and spreads over all addresses; `ipv4:a:1,b:2` names them."""
    named = target if ":///" in target or target.startswith(("ipv4:", "ipv6:", "unix:")) else f"dns:///{target}"
    return grpc.aio.insecure_channel(
        named,
        options=[
            ("grpc.service_config", _SERVICE_CONFIG),
            # By default a channel whose last replica has left would look for its successor after up to 30 s only.
            ("grpc.dns_min_time_between_resolutions_ms", 1_000),
            ("grpc.max_receive_message_length", MAX_MESSAGE),
            ("grpc.max_send_message_length", MAX_MESSAGE),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            # A replica that hangs keeps its connections: only unanswered pings tell, and let round_robin leave it.
            ("grpc.keepalive_time_ms", PING_EVERY_MS),
            # Not keepalive_timeout_ms: with that alone a ping may go unanswered for 60 s (grpcio 1.8x).
            ("grpc.http2.ping_timeout_ms", 2_000),
            ("grpc.keepalive_permit_without_calls", 0),
            ("grpc.http2.max_pings_without_data", 0),
        ],
    )


async def invoke(
    method: Callable[..., Awaitable[T]],
    request: Message,
    *,
    token: str,
    timeout: float = _DEFAULT_TIMEOUT_S,
    idempotency_key: str | None = None,
    traceparent: str | None = None,
) -> T:
    """One unary call with a deadline. Raises RedressError, Unavailable for an outage.

    What may have reached a replica is never sent again; what certainly reached none waits a moment for one: between a
    replica that left and its successor, or its own restart, lie some tens of milliseconds.
    """
    metadata = [("authorization", token)]
    if idempotency_key:
        metadata.append(("idempotency-key", idempotency_key))
    if traceparent:
        metadata.append(("traceparent", traceparent))
    try:
        return await method(request, timeout=timeout, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        if not _never_left(error):
            raise translated(error) from error
    try:
        return await method(request, timeout=min(timeout, _WAIT_S), metadata=metadata, wait_for_ready=True)
    except grpc.aio.AioRpcError as error:
        raise translated(error) from error


async def stream(
    method: Callable[..., AsyncIterator[T]],
    request: Message,
    *,
    token: str,
    timeout: float,
    traceparent: str | None = None,
) -> AsyncIterator[T]:
    """The replies of one streaming call, with a deadline for all of it. Raises as `invoke`; stopping early ends it."""
    metadata = [("authorization", token), ("traceparent", traceparent or "")]
    call: Any = method(request, timeout=timeout, metadata=metadata)
    try:
        async for reply in call:
            yield reply
    except grpc.aio.AioRpcError as error:
        raise translated(error) from error
    finally:
        call.cancel()


def _never_left(error: grpc.aio.AioRpcError) -> bool:
    """gRPC does not tell it but in words (core: round_robin's picker and the subchannel's health, grpcio 1.85)."""
    text = error.details() or ""
    return error.code() is grpc.StatusCode.UNAVAILABLE and any(sign in text for sign in _NOBODY_THERE)
