"""A gRPC server's presence (grpc.health.v1): callers watch it, and leave for another replica before it goes.

grpc.aio cancels calls that arrive while `Server.stop` begins: 11 of 30 callers at work felt every restart. Whoever has
been told "not serving" sends nothing any more, so that nothing arrives then.
"""

import asyncio
from collections.abc import AsyncIterator

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

_TOLD_S = 0.25
"""News travels in a few milliseconds; a busy caller may need some more to read them."""


class Presence(HealthServicer):  # type: ignore[misc]
    """Of the server as a whole, service name ""; others are unknown."""

    def __init__(self) -> None:
        self._leaving = asyncio.Event()
        self._over = asyncio.Event()
        self._watchers = 0

    async def leave(self) -> None:
        """Returns when callers that watch have been told; their streams end with the server."""
        self._leaving.set()
        if self._watchers:
            await asyncio.sleep(_TOLD_S)
        self._over.set()

    async def Check(
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]
    ) -> HealthCheckResponse:
        if request.service:
            await context.abort(grpc.StatusCode.NOT_FOUND, "only the server as a whole has a health")
        return self._present()

    async def Watch(
        self, request: HealthCheckRequest, context: grpc.aio.ServicerContext[HealthCheckRequest, HealthCheckResponse]
    ) -> AsyncIterator[HealthCheckResponse]:
        if request.service:
            yield HealthCheckResponse(status=HealthCheckResponse.SERVICE_UNKNOWN)
            return
        self._watchers += 1
        try:
            if not self._leaving.is_set():
                yield self._present()
                await self._leaving.wait()
            yield self._present()
            await self._over.wait()
        finally:
            self._watchers -= 1

    def _present(self) -> HealthCheckResponse:
        gone = self._leaving.is_set()
        return HealthCheckResponse(status=HealthCheckResponse.NOT_SERVING if gone else HealthCheckResponse.SERVING)
