"""Composition root: from settings and opened resources to the public door."""

import asyncio
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from chassis import logs
from chassis.admin import AdminServicer
from chassis.app import App
from chassis.errors import Unavailable
from chassis.http import HttpServer
from chassis.links import Links
from gateway.adapters import api_keys
from gateway.adapters.access_tokens import AccessTokens
from gateway.adapters.batches import Batches
from gateway.adapters.own_admin import OwnAdmin
from gateway.adapters.owners import Owners
from gateway.adapters.passwords import Passwords
from gateway.adapters.shared_reads import SharedReads
from gateway.app.directory import Directory
from gateway.app.keys import ensure_bootstrap_key
from gateway.app.sign_in import forget_old_failures
from gateway.edge.admission import Admission
from gateway.edge.door import Door
from gateway.edge.rates import RateLimiter
from gateway.edge.security_audit import SecurityAudit
from gateway.entrypoints.admin import persons
from gateway.entrypoints.http import create_app
from gateway.entrypoints.rpc import IdentityServicer
from gateway.entrypoints.server import public_server
from gateway.metrics import EdgeMetrics
from gateway.settings import Settings
from redress.gateway.v1.identity_pb2_grpc import add_IdentityServiceServicer_to_server

_LOG = logs.get("bootstrap")
_HOUR_S = 3_600.0


@dataclass(frozen=True)
class Public:
    door: Door
    server: HttpServer


async def bootstrap(app: App[Settings]) -> None:
    open_public(app)


def open_public(app: App[Settings]) -> Public:
    door = open_door(app)
    public = create_app(app.settings.public_url, tuple(app.settings.cors_origins))
    public.state.door = door
    server = public_server(public, app.settings)

    app.servicer(
        add_IdentityServiceServicer_to_server, IdentityServicer(app.commands), "redress.gateway.v1.IdentityService"
    )
    app.ledger("persons", persons)
    app.job("forget failed sign-ins", partial(_forget_failures, door))
    app.on_start(partial(_start_beside, app, door))
    app.on_start(server.start)
    app.on_farewell(server.farewell)
    app.on_drain(server.stop)
    app.on_drain(door.batches.drain)
    return Public(door, server)


def open_door(app: App[Settings]) -> Door:
    settings = app.settings
    metrics = EdgeMetrics(app.metrics.registry)
    owners = Owners(settings, app.signer)
    passwords = Passwords()
    directory = Directory(app.db, settings.key_pepper, settings.identity_cache_s)
    tokens = AccessTokens(
        settings.signing_key, settings.token_lifetime_s, app.db.clock.seconds, beside=settings.next_keys
    )
    audit = SecurityAudit(app.db, metrics)
    admission = Admission(settings, directory, tokens, RateLimiter(time.monotonic), audit, metrics)
    app.on_close(owners.close)
    app.on_close(passwords.close)
    return Door(
        settings=settings,
        db=app.db,
        metrics=metrics,
        admission=admission,
        audit=audit,
        directory=directory,
        tokens=tokens,
        passwords=passwords,
        owners=owners,
        batches=Batches(settings, owners, metrics),
        own_admin=OwnAdmin(AdminServicer(app.db, {**app.ledgers, "persons": persons}, None)),
        reads=SharedReads(),
        links=Links(app.keys, "notify"),
    )


async def _start_beside(app: App[Settings], door: Door) -> None:
    """The admin key before the first caller; where PostgreSQL is away, as soon as it is back."""
    tasks = [asyncio.create_task(door.audit.run())]
    try:
        await ensure_key(door)
    except Unavailable:
        door.directory.first_key_pending = True
        tasks.append(asyncio.create_task(_ensure_key_later(door)))

    async def stop() -> None:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await door.audit.flush()

    app.on_close(stop)


async def ensure_key(door: Door) -> None:
    """REDRESS_BOOTSTRAP_ADMIN_KEY works from now on. Any replica, any number of times."""
    if not (key := door.settings.bootstrap_admin_key):
        return
    async with door.db.tx() as tx:
        changed = await ensure_bootstrap_key(tx, api_keys.secret_hash(door.settings.key_pepper, key))
    door.directory.forget_key(api_keys.BOOTSTRAP_ID)
    if changed:
        _LOG.info("bootstrap admin key is in place")


async def _ensure_key_later(door: Door) -> None:
    while True:
        await asyncio.sleep(1.0)
        with suppress(Unavailable):
            await ensure_key(door)
            door.directory.first_key_pending = False
            return


async def _forget_failures(door: Door) -> None:
    while True:
        async with door.db.tx() as tx:
            await forget_old_failures(tx)
        await asyncio.sleep(_HOUR_S)
