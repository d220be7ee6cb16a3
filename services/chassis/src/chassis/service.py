"""The life of a process: opens resources in order, serves, and on SIGTERM stops taking, drains and closes."""

import asyncio
import gc
import signal
from collections.abc import Callable
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
from chassis.ending import drain, end_in_time
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
_LAST_LOOK_S = 1
"""For a scrape or probe in hand when all else has ended."""


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
        uvloop.run(serve(service, settings, revisions_of(package_dir), only=only, told_to_end=end_in_time))


async def serve(
    service: Service,
    settings: CommonSettings,
    revisions: Revisions,
    *,
    only: str | None = None,
    told_to_end: Callable[[CommonSettings], None] = lambda _settings: None,
) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with AsyncExitStack() as stack:
        app = await open_app(service, settings, stack)
        await _run(app, revisions, stop, only, told_to_end)


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
    server = Server(calls, metrics, Strangers(db).note, settings.grpc_connection_age_s)
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


async def _run(
    app: App[Any],
    revisions: Revisions,
    stop: asyncio.Event,
    only: str | None,
    told_to_end: Callable[[CommonSettings], None],
) -> None:
    settings = app.settings
    handler = _handler(app)
    health = Health(app.db, app.bus, app.metrics, revisions)
    app.metrics.expect([t for t in CATALOG if CATALOG[t].owner == app.name], [TYPE_OF[p] for p in app.reactions])
    pages = ops_app(app.metrics, health.check, app.signer.jwks(), health.refresh)
    ops = HttpServer(
        pages, settings.ops_bind, late=app.metrics.loop_late.observe, timeout_graceful_shutdown=_LAST_LOOK_S
    )
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

    told_to_end(settings)
    health.serving = False
    await _say_farewell(app, only)
    _LOG.info("draining")
    await drain(app, consumers, relay, workers)
    connecting.cancel()
    await ops.stop()
    _LOG.info("stopped")


async def _say_farewell(app: App[Any], only: str | None) -> None:
    """Balancers and kube-proxies hear a little later that we are unready: meanwhile we serve as ever."""
    if only == "worker":
        return
    _LOG.info("farewell", seconds=app.settings.farewell_seconds)
    for farewell in app.farewells:
        farewell()
    await asyncio.sleep(app.settings.farewell_seconds)


def _rest_the_collector() -> None:
    """What was opened lives as long as the process: the garbage collector need not look through it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def _handler(app: App[Any]) -> Handler:
    return Handler(app.name, app.db, app.reactions, timedelta(days=app.settings.inbox_retention_days - 1))


def _failed(name: str, error: Exception) -> None:
    if isinstance(error, Unavailable):  # nobody's fault in here, and it may last: no traceback every second
        _LOG.warning("background job waits", job=name, detail=error.detail)
        return
    _LOG.error("background job failed, started again", job=name, error=type(error).__name__, exc_info=True)
