"""How a process ends: it stops taking, finishes what is in hand, sends what is left, and all of it in bounded time."""

import asyncio
import os
import sys
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

from chassis import logs
from chassis.app import App
from chassis.consumers import Consumer
from chassis.errors import Unavailable
from chassis.relay import Relay
from chassis.settings import CommonSettings

_LOG = logs.get("service")
_LAST_SEND_S = 2.0
_CANCEL_S = 2.0
_RELEASE_S = 1.0
CLOSING_S = 8.0
"""After farewell and drain: last events, leases, connections. REDRESS_DRAIN_SECONDS says so."""


def end_in_time(settings: CommonSettings) -> None:
    """From now the process lives no longer than it promised, whatever hangs; another one takes up what it leaves."""
    timer = threading.Timer(settings.farewell_seconds + settings.drain_seconds + CLOSING_S, _cut)
    timer.daemon = True
    timer.start()


def _cut() -> None:
    _LOG.error("did not end in time: cut off")
    sys.stdout.flush()
    os._exit(1)


async def drain(
    app: App[Any], consumers: Sequence[Consumer], relay: Relay | None, workers: Collection[asyncio.Task[None]]
) -> None:
    """Inputs and consumers side by side within drain_seconds; then the relay sends what they have left behind."""
    grace_s = app.settings.drain_seconds
    for consumer in consumers:
        consumer.stop()
    await asyncio.gather(app.server.stop(grace_s), _inputs_end(app, grace_s), _batches_end(consumers, grace_s))
    await _send_the_rest(app, min(grace_s, _LAST_SEND_S))
    for worker in workers:
        worker.cancel()
    if workers:
        await asyncio.wait(workers, timeout=_CANCEL_S)
    if relay is not None:
        with suppress(TimeoutError):
            async with asyncio.timeout(_RELEASE_S):
                await relay.stop()


async def _inputs_end(app: App[Any], grace_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(grace_s + 0.5):  # they have their own limit; this one is for those that do not
            for drainer in app.drainers:
                await drainer()


async def _batches_end(consumers: Sequence[Consumer], grace_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(grace_s):
            for consumer in consumers:
                await consumer.finished()


async def _send_the_rest(app: App[Any], grace_s: float) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(grace_s):
            while app.bus.ready.is_set() and await _unsent(app):
                app.db.wake.set()
                await asyncio.sleep(0.05)


async def _unsent(app: App[Any]) -> bool:
    with suppress(Unavailable):
        async with app.db.read() as tx:
            return bool(await tx.fetchval("SELECT EXISTS (SELECT 1 FROM outbox WHERE stream_seq IS NULL)"))
    return False
