"""The answering end of gRPC: one interceptor that authenticates, measures and translates. The asking end: asking.py."""

import asyncio
import time
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Any, TypeVar

import grpc
from grpc_health.v1 import health, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

from chassis import logs
from chassis.call import Call, set_current_call
from chassis.errors import RedressError, Unauthenticated
from chassis.metrics import Metrics
from chassis.presence import Presence
from chassis.tokens import Calls
from redress.common.v1.common_pb2 import FieldError as FieldErrorMessage
from redress.common.v1.common_pb2 import Refusal

_LOG = logs.get("rpc")
DETAILS = "redress-refusal-bin"
MAX_MESSAGE = 16 * 1024 * 1024
PING_EVERY_MS = 2_000
_CONNECTION_AGE_S = 60.0
_LEAVE_S = 2.0
"""For callers that go on although they were told."""

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

_TRAILERS_MAX_BYTES = 5_000
_FIELDS_MAX, _NAME_MAX, _TEXT_MAX = 100, 200, 700
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


class Edge(grpc.aio.ServerInterceptor):
    """Authenticates, measures and translates every call but health and reflection."""

    def __init__(self, calls: Calls, metrics: Metrics, note_stranger: NoteStranger | None) -> None:
        self._calls = calls
        self._metrics = metrics
        self._note_stranger = note_stranger
        self._wrapped: dict[str, Any] = {}
        self.arrived = 0
        """How many calls came."""

    async def intercept_service(
        self, continuation: Callable[[Any], Awaitable[Any]], details: grpc.HandlerCallDetails
    ) -> Any:
        method = details.method
        self.arrived += 1
        if method in self._wrapped:
            return self._wrapped[method]
        handler = await continuation(details)
        if handler is None or method.startswith("/grpc."):
            return handler
        wrapped = self._wrap(method, handler)
        self._wrapped[method] = wrapped
        return wrapped

    def _wrap(self, method: str, handler: Any) -> Any:
        coders = {
            "request_deserializer": handler.request_deserializer,
            "response_serializer": handler.response_serializer,
        }
        if handler.response_streaming:
            return grpc.unary_stream_rpc_method_handler(self._streamed(method, handler.unary_stream), **coders)
        make, inner = (
            (grpc.stream_unary_rpc_method_handler, _letting_go(handler.stream_unary))
            if handler.request_streaming
            else (grpc.unary_unary_rpc_method_handler, handler.unary_unary)
        )

        async def serve(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
            async with self._watched(method, context):
                return await inner(request, context)

        return make(serve, **coders)

    def _streamed(self, method: str, inner: Any) -> Any:
        async def serve(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[Any]:
            async with self._watched(method, context):
                async for reply in inner(request, context):
                    yield reply

        return serve

    @asynccontextmanager
    async def _watched(self, method: str, context: grpc.aio.ServicerContext[Any, Any]) -> AsyncIterator[None]:
        """Authenticated before, measured after, errors translated."""
        begun = time.perf_counter()
        code = "OK"
        try:
            await self._authenticate(method, context)
            yield
        except RedressError as error:
            code = _CODES.get(error.status, grpc.StatusCode.INTERNAL).name
            await _abort(context, error)
        except (asyncio.CancelledError, GeneratorExit):
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


def _letting_go(inner: Any) -> Any:
    """Without this a refused file would stay in memory: its refusal is in a cycle with the frames that it was raised
    through, and the collector comes seldom (service.py). Only of uploads, whose errors no other call shares."""

    async def serve(request: Any, context: grpc.aio.ServicerContext[Any, Any]) -> Any:
        try:
            return await inner(request, context)
        except RedressError as error:
            raised: BaseException | None = error
            while raised is not None:
                traceback.clear_frames(raised.__traceback__)
                raised = raised.__context__
            raise

    return serve


def _text(value: str | bytes | None) -> str | None:
    return str(value) if value else None


async def _abort(context: grpc.aio.ServicerContext[Any, Any], error: RedressError) -> None:
    await context.abort(
        _CODES.get(error.status, grpc.StatusCode.INTERNAL),
        error.slug,
        trailing_metadata=((DETAILS, fitting(refusal_of(error)).SerializeToString()),),
    )


def fitting(refusal: Refusal) -> Refusal:
    """Its first fields, as many as a call's trailers hold. Beyond that gRPC would put an error of its own in its place
    (GRPC_ARG_MAX_METADATA_SIZE: 8 KiB, in which bytes count a third more)."""
    refusal.detail = refusal.detail[:_TEXT_MAX]
    refusal.possible[:] = [each[:_NAME_MAX] for each in refusal.possible[:_FIELDS_MAX]]
    del refusal.fields[_FIELDS_MAX:]
    for fault in refusal.fields:
        fault.field, fault.message = fault.field[:_NAME_MAX], fault.message[:_TEXT_MAX]
    while refusal.ByteSize() > _TRAILERS_MAX_BYTES and (refusal.possible or len(refusal.fields) > 1):
        (refusal.fields if len(refusal.fields) > 1 else refusal.possible).pop()
    return refusal


class Server:
    """The gRPC server of a service, with health and reflection."""

    def __init__(
        self,
        calls: Calls,
        metrics: Metrics,
        note_stranger: NoteStranger | None = None,
        connection_age_s: float = _CONNECTION_AGE_S,
    ) -> None:
        self._edge = Edge(calls, metrics, note_stranger)
        self.grpc = grpc.aio.server(
            interceptors=[self._edge],
            options=[
                ("grpc.max_receive_message_length", MAX_MESSAGE),
                ("grpc.max_send_message_length", MAX_MESSAGE),
                # A channel re-resolves names only when a connection ends: so new replicas get their share.
                ("grpc.max_connection_age_ms", int(connection_age_s * 1000)),
                ("grpc.max_connection_age_grace_ms", 30_000),
                ("grpc.so_reuseport", 0),
                ("grpc.http2.min_ping_interval_without_data_ms", PING_EVERY_MS // 2),
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
        begun = time.monotonic()
        await self._presence.leave(lambda: self._edge.arrived, min(grace_s, _LEAVE_S))
        await self.grpc.stop(max(0.0, begun + grace_s - time.monotonic()))
