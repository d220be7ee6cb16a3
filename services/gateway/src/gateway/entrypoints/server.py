import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
from starlette.types import ASGIApp

from gateway.edge.protocol import ConnectionLimits, guarded_protocol
from gateway.settings import Settings


class _Quiet(uvicorn.Server):
    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals are the service's, not one server's."""
        yield


class PublicServer:
    """uvicorn in the service's own loop, behind our connection limits."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        host, _, port = settings.public_bind.rpartition(":")
        self._server = _Quiet(
            uvicorn.Config(
                app,
                host=host,
                port=int(port),
                loop="none",
                http=guarded_protocol(_limits(settings)),
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=bool(settings.trusted_proxies),
                forwarded_allow_ips=settings.trusted_proxies or None,
                backlog=2048,
                timeout_keep_alive=settings.keep_alive_s,
                timeout_graceful_shutdown=int(settings.drain_seconds),
            )
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Known once it is started."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        self._task = asyncio.create_task(self._server.serve())
        while not self._server.started:
            if self._task.done():
                await self._task
                raise OSError("the public port could not be opened")
            await asyncio.sleep(0.01)

    async def stop(self) -> None:
        """Accepts no more, lets the requests in hand finish."""
        self._server.should_exit = True
        if self._task is not None:
            await self._task


def _limits(settings: Settings) -> ConnectionLimits:
    return ConnectionLimits(
        header_bytes=settings.header_limit_bytes,
        header_count=settings.header_limit_count,
        header_timeout_s=settings.header_timeout_s,
        leftover_timeout_s=settings.body_timeout_s,
        connections=settings.connection_limit,
    )
