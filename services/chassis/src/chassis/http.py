"""HTTP for operators (livez, readyz, metrics, jwks), and the pieces a public app shares: uvicorn inside our loop."""

import asyncio
import json
import time
from collections.abc import Awaitable, Callable
from contextlib import contextmanager
from typing import Any
from urllib.request import urlopen

import httptools  # noqa: F401 - uvicorn must find the fast parser, or fail here and not under load
import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from chassis.errors import Unavailable
from chassis.listening import listening
from chassis.metrics import Metrics

Readiness = Callable[[], Awaitable[tuple[bool, dict[str, str]]]]


def ops_app(
    metrics: Metrics, readiness: Readiness, jwks: dict[str, Any], refresh: Callable[[], Awaitable[None]]
) -> ASGIApp:
    async def livez(_request: Request) -> Response:
        """Only that the event loop turns: never a dependency, or an outage would restart every pod."""
        return JSONResponse({"status": "alive"})

    async def readyz(_request: Request) -> Response:
        ready, checks = await readiness()
        return JSONResponse({"status": "ready" if ready else "not ready", "checks": checks}, 200 if ready else 503)

    async def metrics_page(_request: Request) -> Response:
        await refresh()
        return Response(generate_latest(metrics.registry), media_type=CONTENT_TYPE_LATEST)

    async def keys(_request: Request) -> Response:
        return JSONResponse(jwks)

    return Starlette(
        routes=[
            Route("/livez", livez),
            Route("/readyz", readyz),
            Route("/metrics", metrics_page),
            Route("/.well-known/jwks.json", keys),
        ]
    )


_TICK_S = 1.0
_CLOSE = (b"connection", b"close")


class _Uvicorn(uvicorn.Server):
    """Its own main loop wakes ten times a second to look whether it should end, in every service."""

    def __init__(self, config: uvicorn.Config, late: Callable[[float], None]) -> None:
        super().__init__(config)
        self._late = late
        self.ending = asyncio.Event()

    def say_farewell(self) -> None:
        if _CLOSE not in self.config.encoded_headers:
            self.config.encoded_headers.append(_CLOSE)
            self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]

    async def main_loop(self) -> None:
        while not self.ending.is_set():
            await self.on_tick(0)  # renews the Date header
            begun = time.monotonic()
            try:
                async with asyncio.timeout(_TICK_S):
                    await self.ending.wait()
            except TimeoutError:
                self._late(max(0.0, time.monotonic() - begun - _TICK_S))

    @contextmanager
    def capture_signals(self) -> Any:
        """Signals are the service's, not one server's."""
        yield


class HttpServer:
    """uvicorn in the service's own loop. `http` is the protocol, `options` are uvicorn's."""

    def __init__(
        self,
        app: ASGIApp,
        bind: str,
        *,
        http: Any = "httptools",
        late: Callable[[float], None] = lambda _seconds: None,
        **options: Any,
    ) -> None:
        """`late` hears once a second how many seconds later than asked the loop woke."""
        self._bind = bind
        self._server = _Uvicorn(
            uvicorn.Config(
                app,
                loop="none",
                http=http,
                ws="none",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                **options,
            ),
            late,
        )
        self._task: asyncio.Task[None] | None = None

    @property
    def port(self) -> int:
        """Known once it is started."""
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    async def start(self) -> None:
        """Raises OSError when the address is taken."""
        door = listening(self._bind, self._server.config.backlog)
        self._task = asyncio.create_task(self._server.serve([door]))
        while not self._server.started:
            if self._task.done():
                await self._task
            await asyncio.sleep(0.01)

    def farewell(self) -> None:
        """Goes on serving; every answer from now on closes its connection, so that clients look for another replica."""
        self._server.say_farewell()

    async def stop(self) -> None:
        """Stops accepting, lets requests in hand finish."""
        self.farewell()
        self._server.should_exit = True
        self._server.ending.set()
        if self._task is not None:
            await self._task


async def fetch_json(url: str, timeout: float = 3.0) -> dict[str, Any]:
    """A small document of another service, on start and on key rotation only. Raises Unavailable."""

    def get() -> dict[str, Any]:
        with urlopen(url, timeout=timeout) as answer:
            return dict(json.load(answer))

    try:
        return await asyncio.to_thread(get)
    except (OSError, ValueError) as error:
        raise Unavailable("a service's keys are out of reach") from error
