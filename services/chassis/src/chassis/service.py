"""The life of a process: opens resources in order, serves, and on SIGTERM stops taking, drains and closes."""

import asyncio
import gc
import signal
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import uvloop

from chassis import logs
from chassis.admin import AdminServicer
from chassis.app import App, Bootstrap, forever
from chassis.bus import Bus
from chassis.commands import Commands
from chassis.consumers import Consumer, Handler, by_owner
from chassis.db import Database
from chassis.errors import Unavailable
from chassis.health import Health
from chassis.housekeeping import Housekeeping
from chassis.http import HttpServer, fetch_json, ops_app
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.relay import Relay
from chassis.revisions import Revisions, revisions_of
from chassis.rpc import Server
from chassis.settings import CommonSettings
from chassis.strangers import Strangers
from chassis.tokens import Calls, Signer
from redress.admin.v1 import admin_pb2_grpc
from redress.catalog import CATALOG, OWNERS, TYPE_OF

_LOG = logs.get("service")
_LAST_SEND_S = 2.0


@dataclass(frozen=True)
class Service:
    name: str
    settings: type[CommonSettings]
    bootstrap: Bootstrap


def run(service: Service, package_dir: Path, *, only: str | None) -> None:
    """Until SIGTERM."""
    settings = service.settings()
    logs.configure(service.name, settings.replica, settings.log_level)
    with suppress(KeyboardInterrupt):
        uvloop.run(serve(service, settings, revisions_of(package_dir), only=only))


async def serve(service: Service, settings: CommonSettings, revisions: Revisions, *, only: str | None = None) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        app = await open_app(service, settings, stack)
        await _run(app, revisions, stop, only)


async def open_app(service: Service, settings: CommonSettings, stack: AsyncExitStack) -> App[Any]:
    """Resources in order; the stack closes them in reverse."""
    metrics = Metrics(service.name, version(f"redress-{service.name}"))
    db = Database(
        settings.dsn,
        pool_size=settings.pool_size,
        statement_cache=settings.statement_cache,
        statement_timeout_s=settings.statement_timeout_s,
    )
    stack.push_async_callback(db.close)
    lease_db = Database(settings.direct_dsn or settings.dsn, pool_size=2)
    stack.push_async_callback(lease_db.close)
    bus = Bus(settings, service.name, metrics)
    stack.push_async_callback(bus.close)
    signer = Signer(
        service.name, settings.signing_key, settings.retired_keys, db.clock.later_s, beside=settings.next_keys
    )
    keys = PublishedKeys(settings.trusted_issuers, fetch_json)
    calls = Calls(keys, db.clock.earlier_s)
    server = Server(calls, metrics, Strangers(db).note)
    app: App[Any] = App(
        name=service.name,
        settings=settings,
        db=db,
        lease_db=lease_db,
        bus=bus,
        metrics=metrics,
        signer=signer,
        keys=keys,
        calls=calls,
        commands=Commands(db),
        server=server,
    )
    stack.push_async_callback(_close_all, app)
    await service.bootstrap(app)
    return app


async def _close_all(app: App[Any]) -> None:
    for closer in reversed(app.closers):
        await closer()


async def _run(app: App[Any], revisions: Revisions, stop: asyncio.Event, only: str | None) -> None:
    settings = app.settings
    handler = _handler(app)
    health = Health(app.db, app.bus, app.metrics, revisions)
    app.metrics.expect([t for t in CATALOG if CATALOG[t].owner == app.name], [TYPE_OF[p] for p in app.reactions])
    pages = ops_app(app.metrics, health.check, app.signer.jwks(), health.refresh)
    ops = HttpServer(pages, settings.ops_bind, late=app.metrics.loop_late.observe)
    await ops.start()
    connecting = asyncio.create_task(app.bus.connect())
    consumers: list[Consumer] = []
    relay = Relay(app.name, app.db, app.lease_db, app.bus, settings, app.metrics) if app.name in OWNERS else None
    workers: list[asyncio.Task[None]] = []
    if only != "api":
        consumers = [
            Consumer(owner, types, handler, app.db, app.bus, settings, app.metrics)
            for owner, types in by_owner(app.reactions).items()
        ]
        jobs = {f"consume {c.owner}": c.run for c in consumers} | app.jobs
        jobs["housekeeping"] = Housekeeping(app.db, app.lease("housekeeping"), settings.idempotency_days).run
        if relay is not None:
            jobs["relay"] = relay.run
        workers = [asyncio.create_task(forever(name, job, _failed)) for name, job in jobs.items()]
    if only != "worker":
        admin_pb2_grpc.add_AdminServiceServicer_to_server(AdminServicer(app.db, app.ledgers, handler), app.server.grpc)
        app.server.reflect([*app.service_names, "redress.admin.v1.AdminService"])
        await app.server.start(settings.grpc_bind)
        for starter in app.starters:
            await starter()
    _rest_the_collector()
    health.serving = True
    _LOG.info("serving", only=only or "all")
    await stop.wait()

    _LOG.info("draining")
    health.serving = False
    for consumer in consumers:
        consumer.stop()
    for drainer in app.drainers:
        await drainer()
    await app.server.stop(settings.drain_seconds)
    await _finish(app, consumers, relay, workers, settings.drain_seconds)
    connecting.cancel()
    await ops.stop()
    _LOG.info("stopped")


def _rest_the_collector() -> None:
    """What was opened lives as long as the process: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _handler(app: App[Any]) -> Handler:
    return Handler(app.name, app.db, app.reactions, timedelta(days=app.settings.inbox_retention_days - 1))


async def _finish(
    app: App[Any],
    consumers: Sequence[Consumer],
    relay: Relay | None,
    workers: Sequence[asyncio.Task[None]],
    grace_s: float,
) -> None:
    """Consumers end with the batch in hand; the relay sends what is left, then lets its lease go."""
    with suppress(TimeoutError):
        async with asyncio.timeout(grace_s):
            for consumer in consumers:
                await consumer.finished()
    with suppress(TimeoutError):
        async with asyncio.timeout(min(grace_s, _LAST_SEND_S)):
            while app.bus.ready.is_set() and await _unsent(app):
                app.db.wake.set()
                await asyncio.sleep(0.05)
    for worker in workers:
        worker.cancel()
    await asyncio.gather(*workers, return_exceptions=True)
    if relay is not None:
        await relay.stop()


async def _unsent(app: App[Any]) -> bool:
    with suppress(Unavailable):
        async with app.db.read() as tx:
            return bool(await tx.fetchval("SELECT EXISTS (SELECT 1 FROM outbox WHERE stream_seq IS NULL)"))
    return False


def _failed(name: str, error: Exception) -> None:
    if isinstance(error, Unavailable):  # nobody's fault in here, and it may last: no traceback every second
        _LOG.warning("background job waits", job=name, detail=error.detail)
        return
    _LOG.error("background job failed, started again", job=name, error=type(error).__name__, exc_info=True)
