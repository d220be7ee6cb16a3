"""A probe service that only has the chassis's tables: it stands as the owner of an existing stream."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.errors import NotFoundError

from chassis.bus import Bus
from chassis.db import Database
from chassis.ids import new_id
from chassis.metrics import Metrics
from chassis.migrate import migrate
from chassis.settings import CommonSettings, MigrateSettings
from redress.catalog import OWNERS, stream_of
from stack.databases import ServiceDsns
from stack.keys import new_signing_key
from stack.testing import RealServers

SIGNING_KEY = new_signing_key()
PROBE = Path(__file__).parent.parent / "probe"


@pytest.fixture(scope="session")
def template(infra: RealServers) -> ServiceDsns:
    dsns = infra.create_service_database("intake", "probe")
    with ThreadPoolExecutor(1) as pool:  # alembic's runner wants an event loop of its own
        pool.submit(migrate, PROBE, MigrateSettings(migrate_dsn=dsns.migrate)).result()
    return dsns


@pytest.fixture
def settings_for(infra: RealServers, template: ServiceDsns) -> Iterator[Callable[..., CommonSettings]]:
    databases: list[str] = []

    def make(**more: Any) -> CommonSettings:
        dsns = infra.databases.clone("intake", template.database, f"probe{new_id()[-12:]}")
        databases.append(dsns.database)
        return CommonSettings(
            dsn=dsns.runtime, nats_url=infra.nats_url, signing_key=SIGNING_KEY, trusted_issuers={}, **more
        )

    yield make
    for database in databases:
        infra.databases.drop(database)


@pytest.fixture
async def opened() -> AsyncIterator[AsyncExitStack]:
    async with AsyncExitStack() as stack:
        yield stack


class Probe:
    """One process's worth of chassis: database, bus, metrics."""

    def __init__(self, settings: CommonSettings) -> None:
        self.settings = settings
        self.metrics = Metrics("probe", "0")
        self.db = Database(settings.dsn, pool_size=4)
        self.lease_db = Database(settings.dsn, pool_size=2)
        self.bus = Bus(settings, "probe", self.metrics)
        self.tasks: list[asyncio.Task[None]] = []

    async def open(self) -> None:
        await self.bus.connect()

    def run(self, job: Callable[[], object]) -> asyncio.Task[None]:
        task = asyncio.ensure_future(job())  # type: ignore[arg-type]
        self.tasks.append(task)
        return task

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.bus.close()
        await self.db.close()
        await self.lease_db.close()


@pytest.fixture
async def probe(settings_for: Callable[..., CommonSettings], opened: AsyncExitStack) -> Callable[..., object]:
    async def make(settings: CommonSettings | None = None, **more: object) -> Probe:
        made = Probe(settings or settings_for(**more))
        await made.open()
        opened.push_async_callback(made.close)
        return made

    return make


@pytest.fixture(autouse=True)
async def clean_streams(infra: RealServers) -> None:
    """Streams are shared by all tests of a run: each of ours starts without them."""
    client = await nats.connect(infra.nats_url)
    for owner in OWNERS:
        try:
            await client.jetstream().delete_stream(stream_of(owner))
        except NotFoundError:
            continue
    await client.close()
