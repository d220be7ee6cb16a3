"""A gRPC server's presence (grpc.health.v1): callers watch it, and leave for another replica before it goes.

grpc.aio cancels calls that arrive while `Server.stop` begins: 11 of 30 callers at work felt every restart. Whoever has
been told "not serving" sends nothing any more; when nothing has come for a while, nothing can be cut.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import suppress

import grpc
from grpc_health.v1.health_pb2 import HealthCheckRequest, HealthCheckResponse
from grpc_health.v1.health_pb2_grpc import HealthServicer

_QUIET_S = 0.15
"""News travels in a few milliseconds; a busy caller may need some more to read them, and we to take what it sent."""


class Presence(HealthServicer):  # type: ignore[misc]
    """Of the server as a whole, service name ""; others are unknown."""

    def __init__(self) -> None:
        self._leaving = asyncio.Event()
        self._over = asyncio.Event()
        self._watchers = 0

    async def leave(self, arrived: Callable[[], int], at_most_s: float) -> None:
        """Returns when callers that watch have been told and no call came for a while; their streams end with the
        server. `arrived` counts calls; callers that do not watch go on, and are waited for no longer than that."""
        self._leaving.set()
        if self._watchers:
            with suppress(TimeoutError):
                async with asyncio.timeout(at_most_s):
                    await _quiet(arrived)
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


async def _quiet(arrived: Callable[[], int]) -> None:
    while True:
        before = arrived()
        await asyncio.sleep(_QUIET_S)
        if arrived() == before:
            return
