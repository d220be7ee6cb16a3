"""A probe service that only has the chassis's tables: it stands as the owner of an existing stream."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack, suppress
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.aio.client import Client
from nats.js.errors import NotFoundError

from chassis import nats_client
from chassis.bus import Bus
from chassis.db import Database
from chassis.ids import new_id
from chassis.metrics import Metrics
from chassis.migrate import migrate
from chassis.provision import provision
from chassis.provision_settings import ProvisionSettings
from chassis.settings import CommonSettings, MigrateSettings
from redress.catalog import OWNERS, stream_of
from redress.nats_users import NatsUser, Partner, users
from redressctl import nats_accounts
from stack.binaries import nats_server
from stack.databases import ServiceDsns
from stack.keys import new_signing_key
from stack.ports import free_port
from stack.process import ManagedProcess
from stack.testing import RealServers
from stack.waiting import answers_ok, wait_ready

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


class RightsServer:
    """A NATS server whose users are exactly what `redressctl nats users` prints; a user's password is `of-<user>`."""

    def __init__(self, directory: Path, found: Sequence[NatsUser], flags: str = "") -> None:
        self.port, self.monitor_port = free_port(), free_port()
        self.url = f"nats://127.0.0.1:{self.port}"
        self.conf = directory / "nats.conf"
        self._head = f'listen: "127.0.0.1:{self.port}"\nhttp: "127.0.0.1:{self.monitor_port}"\n{flags}'
        self._head += f'\njetstream {{ store_dir: "{directory}/store" }}\n'
        self.write(found)
        env = {nats_accounts.variable_of(one.user): f"of-{one.user}" for one in found} | {"SYS_NATS_PASSWORD": "of-sys"}
        self.process = ManagedProcess("nats", [nats_server(), "-c", str(self.conf)], directory / "nats.log", env)

    def write(self, found: Sequence[NatsUser]) -> None:
        self.conf.write_text(self._head + nats_accounts.conf(found))

    def start(self) -> None:
        self.process.start()
        wait_ready(self.process, lambda: answers_ok(f"http://127.0.0.1:{self.monitor_port}/healthz"), 20)

    def login(self, user: str) -> dict[str, str]:
        """Settings; a twin answers where its service does."""
        inbox = f"_INBOX_{user.removesuffix('-b')}"
        return {
            "nats_url": self.url,
            "nats_user": user,
            "nats_password": f"of-{user}",
            "nats_inbox_prefix": inbox,
        }

    async def provision(self, **more: Any) -> None:
        await provision(ProvisionSettings(**self.login("provisioner"), provision_wait_seconds=10, **more))


ACME = Partner("acme", ("redress.workflow.case.closed.v1", "redress.intake.contact.received.v1"))


@pytest.fixture(scope="session")
def rights(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RightsServer]:
    server = RightsServer(tmp_path_factory.mktemp("rights"), users([ACME]))
    server.start()
    yield server
    server.process.stop()


@pytest.fixture
async def provisioned(rights: RightsServer) -> RightsServer:
    """With empty streams: those of former tests are deleted, which only the provisioner may."""
    client = await nats_client.connect(ProvisionSettings(**rights.login("provisioner")))
    for owner in OWNERS:
        with suppress(NotFoundError):
            await client.jetstream().delete_stream(stream_of(owner))
    await client.close()
    await rights.provision(partners=[ACME])
    return rights


@pytest.fixture
async def login(rights: RightsServer) -> AsyncIterator[Callable[..., Any]]:
    """`await login("capa")`: a connection, and the errors that NATS told it."""
    async with AsyncExitStack() as stack:

        async def connect(user: str, server: RightsServer = rights) -> tuple[Client, list[str]]:
            told: list[str] = []

            async def note(error: Exception) -> None:
                told.append(str(error))

            settings = ProvisionSettings(**server.login(user))
            client = await nats_client.connect(settings, error_cb=note, max_reconnect_attempts=2)
            stack.push_async_callback(client.close)
            return client, told

        yield connect
