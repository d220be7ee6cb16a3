"""gRPC at both ends: one interceptor on the server, one kind of channel in the client, errors translated once."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar

import grpc
from google.protobuf.message import Message
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis import logs
from chassis.call import Call, set_current_call
from chassis.errors import FieldError, RedressError, Unauthenticated, Unavailable
from chassis.metrics import Metrics
from chassis.presence import Presence
from chassis.tokens import Calls
from redress.common.v1.common_pb2 import FieldError as FieldErrorMessage
from redress.common.v1.common_pb2 import Refusal

_LOG = logs.get("rpc")
_DETAILS = "redress-refusal-bin"
_DEFAULT_TIMEOUT_S = 5.0
_MAX_MESSAGE = 16 * 1024 * 1024
_PING_EVERY_MS = 2_000
# Spread over all replicas, and watch their presence: one that is about to end is left before it does.
_SERVICE_CONFIG = '{"loadBalancingConfig":[{"round_robin":{}}],"healthCheckConfig":{"serviceName":""}}'
_CONNECTION_AGE_S = 60.0

_CODES = {
    400: grpc.StatusCode.INVALID_ARGUMENT,
    401: grpc.StatusCode.UNAUTHENTICATED,
    403: grpc.StatusCode.PERMISSION_DENIED,
    404: grpc.StatusCode.NOT_FOUND,
    409: grpc.StatusCode.FAILED_PRECONDITION,
    412: grpc.StatusCode.ABORTED,
    422: grpc.StatusCode.INVALID_ARGUMENT,
    429: grpc.StatusCode.RESOURCE_EXHAUSTED,
    503: grpc.StatusCode.UNAVAILABLE,
}

T = TypeVar("T")
NoteStranger = Callable[[str, RedressError], Awaitable[None]]
"""(method, why) -> records a call that proved nobody."""


def refusal_of(error: RedressError) -> Refusal:
    return Refusal(
        status=error.status,
        slug=error.slug,
        detail=error.detail,
        fields=[FieldErrorMessage(field=f.field, message=f.message) for f in error.fields],
        possible=error.possible,
    )


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
        if key == _DETAILS:
            return error_of(Refusal.FromString(value if isinstance(value, bytes) else value.encode()))
    code = error.code()
    if code in (grpc.StatusCode.UNAVAILABLE, grpc.StatusCode.CANCELLED):
        return Unavailable("a service we need does not answer")
    if code is grpc.StatusCode.DEADLINE_EXCEEDED:
        return Unavailable("a service we need did not answer in time")
    if code is grpc.StatusCode.UNAUTHENTICATED:
        return Unauthenticated("the internal token was refused")
    _LOG.error("unexpected answer of a service", code=str(code), detail=(error.details() or "")[:200])
    return RedressError("a service answered with an internal error", slug="internal", status=500)


class Edge(grpc.aio.ServerInterceptor):
    """Authenticates, measures and translates every call but health and reflection."""

    def __init__(self, calls: Calls, metrics: Metrics, note_stranger: NoteStranger | None) -> None:
        self._calls = calls
        self._metrics = metrics
        self._note_stranger = note_stranger
        self._wrapped: dict[str, Any] = {}

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        method = details.method
        if method in self._wrapped:
            return self._wrapped[method]
        handler = await continuation(details)
        if handler is None or method.startswith("/grpc."):
            return handler
        wrapped = self._wrap(method, handler)
        self._wrapped[method] = wrapped
        return wrapped

    def _wrap(self, method: str, handler: Any) -> Any:
        make, inner = (
            (grpc.stream_unary_rpc_method_handler, handler.stream_unary)
            if handler.request_streaming
            else (grpc.unary_unary_rpc_method_handler, handler.unary_unary)
        )

        async def serve(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            begun = time.perf_counter()
            code = "OK"
            try:
                await self._authenticate(method, context)
                return await inner(request, context)
            except RedressError as error:
                code = _CODES.get(error.status, grpc.StatusCode.INTERNAL).name
                await _abort(context, error)
            except asyncio.CancelledError:
                code = "CANCELLED"
                raise
            except grpc.aio.AbortError:
                raise
            except Exception as error:
                code = "INTERNAL"
                _LOG.error("rpc failed", method=method, error=type(error).__name__, exc_info=True)
                await context.abort(grpc.StatusCode.INTERNAL, "internal error")
            finally:
                self._metrics.rpc_seconds.labels(method, code).observe(time.perf_counter() - begun)

        return make(
            serve, request_deserializer=handler.request_deserializer, response_serializer=handler.response_serializer
        )

    async def _authenticate(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> None:
        metadata = dict(context.invocation_metadata() or ())
        try:
            call = await self._proven(str(metadata.get("authorization", "")))
        except Unauthenticated as error:
            if self._note_stranger is not None:
                await self._note_stranger(method, error)
            raise
        set_current_call(
            call.with_request(
                idempotency_key=_text(metadata.get("idempotency-key")), traceparent=_text(metadata.get("traceparent"))
            )
        )

    async def _proven(self, token: str) -> Call:
        if not token:
            raise Unauthenticated("this call carries no internal token")
        return await self._calls.verify(token)


def _text(value: str | bytes | None) -> str | None:
    return str(value) if value else None


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: RedressError) -> None:
    await context.abort(
        _CODES.get(error.status, grpc.StatusCode.INTERNAL),
        error.slug,
        trailing_metadata=((_DETAILS, refusal_of(error).SerializeToString()),),
    )


class Server:
    """The gRPC server of a service, with health and reflection."""

    def __init__(
        self,
        calls: Calls,
        metrics: Metrics,
        note_stranger: NoteStranger | None = None,
        connection_age_s: float = _CONNECTION_AGE_S,
    ) -> None:
        self.grpc = grpc.aio.server(
            interceptors=[Edge(calls, metrics, note_stranger)],
            options=[
                ("grpc.max_receive_message_length", _MAX_MESSAGE),
                ("grpc.max_send_message_length", _MAX_MESSAGE),
                # A channel re-resolves names only when a connection ends: so new replicas get their share.
                ("grpc.max_connection_age_ms", int(connection_age_s * 1000)),
                ("grpc.max_connection_age_grace_ms", 30_000),
                ("grpc.so_reuseport", 0),
                ("grpc.http2.min_ping_interval_without_data_ms", _PING_EVERY_MS // 2),
            ],
        )
        self._presence = Presence()
        health_pb2_grpc.add_HealthServicer_to_server(self._presence, self.grpc)

    def reflect(self, names: Sequence[str]) -> None:
        reflection.enable_server_reflection((*names, health.SERVICE_NAME, reflection.SERVICE_NAME), self.grpc)

    async def start(self, bind: str) -> int:
        """The bound port."""
        port = self.grpc.add_insecure_port(bind)
        await self.grpc.start()
        return port

    async def stop(self, grace_s: float) -> None:
        """Callers that watch leave first; calls in hand may take `grace_s`."""
        await self._presence.leave()
        await self.grpc.stop(grace_s)


def channel(target: str) -> grpc.aio.Channel:
    """`host:port` resolves by DNS and spreads over all addresses; `ipv4:a:1,b:2` names them."""
    named = target if ":///" in target or target.startswith(("ipv4:", "ipv6:", "unix:")) else f"dns:///{target}"
    return grpc.aio.insecure_channel(
        named,
        options=[
            ("grpc.service_config", _SERVICE_CONFIG),
            # By default a channel whose last replica has left would look for its successor after up to 30 s only.
            ("grpc.dns_min_time_between_resolutions_ms", 1_000),
            ("grpc.max_receive_message_length", _MAX_MESSAGE),
            ("grpc.max_send_message_length", _MAX_MESSAGE),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 100),
            ("grpc.max_reconnect_backoff_ms", 1_000),
            # A replica that hangs keeps its connections: only unanswered pings tell, and let round_robin leave it.
            ("grpc.keepalive_time_ms", _PING_EVERY_MS),
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
    """One unary call with a deadline; never retried here. Raises RedressError, Unavailable for an outage."""
    metadata = [("authorization", token)]
    if idempotency_key:
        metadata.append(("idempotency-key", idempotency_key))
    if traceparent:
        metadata.append(("traceparent", traceparent))
    try:
        return await method(request, timeout=timeout, metadata=metadata)
    except grpc.aio.AioRpcError as error:
        raise translated(error) from error
