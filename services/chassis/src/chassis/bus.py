"""The connection to NATS: tolerant at start, reconnecting for ever, loud about refused permissions."""

import asyncio
import time
from collections.abc import Coroutine
from typing import Any, TypeVar

from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.errors import APIError

from chassis import logs, nats_client
from chassis.metrics import Metrics
from chassis.settings import CommonSettings
from chassis.unprovisioned import Unprovisioned

_LOG = logs.get("bus")
_SAME_ERROR_EVERY_S = 10.0

T = TypeVar("T")

OUTAGE = (NatsError, OSError, TimeoutError, asyncio.TimeoutError, APIError)


class Bus:
    """`ready` is set while the connection stands; `epoch` rises with every (re)connection."""

    def __init__(self, settings: CommonSettings, service: str, metrics: Metrics) -> None:
        self._settings = settings
        self._service = service
        self._metrics = metrics
        self._nc: Client | None = None
        self.ready = asyncio.Event()
        self._lost = asyncio.Event()
        self.epoch = 0
        self._quiet_until: dict[str, float] = {}
        self.unprovisioned = Unprovisioned(metrics)

    @property
    def nc(self) -> Client:
        assert self._nc is not None, "wait for ready first"
        return self._nc

    @property
    def js(self) -> JetStreamContext:
        return self.nc.jetstream(timeout=5)

    async def connect(self) -> None:
        """Tries until it succeeds; afterwards nats-py reconnects by itself."""
        while self._nc is None:
            try:
                self._nc = await nats_client.connect(
                    self._settings,
                    name=f"{self._service}-{self._settings.replica}",
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.2,
                    connect_timeout=2,
                    ping_interval=5,
                    max_outstanding_pings=2,
                    pending_size=16 * 1024 * 1024,
                    error_cb=self._on_error,
                    disconnected_cb=self._on_disconnect,
                    reconnected_cb=self._on_connect,
                )
            except (*OUTAGE,) as error:
                _LOG.warning("nats is not there yet", error=type(error).__name__)
                await asyncio.sleep(0.5)
        await self._on_connect()

    async def close(self) -> None:
        if self._nc is not None:
            try:
                await asyncio.wait_for(self._nc.close(), 3)
            except (*OUTAGE,):
                _LOG.warning("nats did not close in time")

    async def unless_lost(self, work: Coroutine[Any, Any, T]) -> T:
        """Its result; ConnectionResetError as soon as the connection is lost. nats-py would let a request that was
        under way wait for its time-out, also when the next connection has long been there."""
        if self._lost.is_set():
            work.close()
            raise ConnectionResetError("the connection to nats is lost")
        working, losing = asyncio.create_task(work), asyncio.create_task(self._lost.wait())
        try:
            await asyncio.wait((working, losing), return_when=asyncio.FIRST_COMPLETED)
            if working.done():
                return working.result()
            raise ConnectionResetError("the connection to nats was lost")
        finally:
            losing.cancel()
            working.cancel()

    async def _on_connect(self) -> None:
        self.epoch += 1
        self._metrics.nats_connected.set(1)
        self._lost.clear()
        self.ready.set()

    async def _on_disconnect(self) -> None:
        self._metrics.nats_connected.set(0)
        self.ready.clear()
        self._lost.set()

    async def _on_error(self, error: Exception) -> None:
        # A publish that permissions forbid shows as a time-out elsewhere; only this callback tells why.
        kind = "permissions" if "permissions" in str(error).lower() else type(error).__name__
        self._metrics.nats_errors.labels(kind).inc()
        now = time.monotonic()
        if now >= self._quiet_until.get(kind, 0.0):  # a server that is away fails five times a second
            self._quiet_until[kind] = now + _SAME_ERROR_EVERY_S
            _LOG.warning("nats error", kind=kind, error=str(error)[:200])
