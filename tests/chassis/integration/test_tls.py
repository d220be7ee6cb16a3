"""TLS to PostgreSQL and NATS: what proves nothing is not talked to, and the operator is told why."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import nats
import pytest
from nats.aio.client import Client

from chassis import nats_client
from chassis.db import Database
from chassis.dsn import completed
from chassis.errors import Unavailable
from chassis.health import Health
from chassis.migrate import migrate
from chassis.nats_settings import NatsSettings
from chassis.settings import MigrateSettings
from chassis.start_failures import certificate_refused, explained
from stack.binaries import nats_server
from stack.databases import ServiceDsns
from stack.ports import LOOPBACK, free_port
from stack.process import ManagedProcess
from stack.testing import MigratedDatabases, RealServers
from tests.chassis.integration.authority import Authority, Shown
from tests.chassis.integration.conftest import PROBE
from tests.chassis.integration.tls_front import TlsFront

NATS_USER, NATS_PASSWORD = "intake", "p@ss/word"


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tls")


@pytest.fixture(scope="session")
def authority(folder: Path) -> Authority:
    return Authority(folder, "ours")


@pytest.fixture(scope="session")
def stranger(folder: Path) -> Authority:
    return Authority(folder, "another")


@pytest.fixture(scope="session")
def shown(authority: Authority) -> Shown:
    return authority.show(LOOPBACK)


@pytest.fixture(scope="module")
async def front(infra: RealServers, shown: Shown) -> AsyncIterator[TlsFront]:
    server = infra.databases.server
    async with TlsFront(shown, server.host, server.port) as opened:
        yield opened


@pytest.fixture
def dsns(migrated: MigratedDatabases) -> Iterator[ServiceDsns]:
    with migrated.fresh("intake") as made:
        yield made


async def reached(dsn: str) -> str:
    db = Database(dsn)
    try:
        async with db.read() as tx:
            return str(await tx.fetchval("SELECT current_user"))
    finally:
        await db.close()


async def test_a_service_verifies_its_database_and_the_connection_is_encrypted(
    dsns: ServiceDsns, authority: Authority, front: TlsFront
) -> None:
    before = front.encrypted
    assert await reached(front.address(dsns.runtime) + f"?sslmode=verify-full&sslrootcert={authority.file}") == "intake"
    assert front.encrypted == before + 1


@pytest.mark.parametrize(("host", "authorities"), [("localhost", "ours"), (LOOPBACK, "another"), (LOOPBACK, "system")])
async def test_a_wrong_name_and_a_foreign_authority_are_refused_and_told(
    dsns: ServiceDsns, front: TlsFront, authority: Authority, stranger: Authority, host: str, authorities: str
) -> None:
    file = {"ours": authority.file, "another": stranger.file, "system": "system"}[authorities]
    dsn = completed(
        front.address(dsns.runtime).replace(LOOPBACK, host) + f"?sslmode=verify-full&sslrootcert={file}", ""
    )
    with pytest.raises(Unavailable, match="certificate") as refused:
        await reached(dsn)
    why = certificate_refused(refused.value)
    assert ("mismatch" if host == "localhost" else "certificate") in why
    told = explained(refused.value)
    assert told is not None
    assert "sslrootcert" in told.do


async def test_readiness_says_why_a_database_is_not_trusted(
    dsns: ServiceDsns, front: TlsFront, stranger: Authority
) -> None:
    db = Database(f"{front.address(dsns.runtime)}?sslmode=verify-full&sslrootcert={stranger.file}")
    health: Any = Health.__new__(Health)
    health._db = db
    assert "certificate does not hold" in await health._ask()
    await db.close()


@pytest.mark.parametrize("trusted", [True, False])
async def test_migrating_goes_by_the_same_address(
    infra: RealServers, front: TlsFront, authority: Authority, stranger: Authority, trusted: bool
) -> None:
    made = infra.create_service_database("intake", "tls")
    file = (authority if trusted else stranger).file
    password = infra.secrets.get("postgres.intake_owner")
    dsn = front.address(made.migrate).replace(f":{password}@", "@") + f"?sslmode=verify-full&sslrootcert={file}"
    settings = MigrateSettings(migrate_dsn=dsn, migrate_password=password)
    run = asyncio.get_running_loop().run_in_executor
    with ThreadPoolExecutor(1) as pool:
        if trusted:
            assert await run(pool, migrate, PROBE, settings) == "0001"
            return
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED") as refused:
            await run(pool, migrate, PROBE, settings)
    told = explained(refused.value)
    assert told is not None
    assert "does not hold" in told.why


async def test_a_server_without_tls_is_told_from_one_that_is_away(infra: RealServers) -> None:
    with pytest.raises(ConnectionError) as refused:
        await asyncpg.connect(f"{infra.admin_dsn}?sslmode=require")
    told = explained(refused.value)
    assert told is not None
    assert "offers no TLS" in told.why


@pytest.fixture
async def tls_nats(folder: Path, shown: Shown) -> AsyncIterator[Callable[..., int]]:
    started: list[ManagedProcess] = []

    def start(**more: object) -> int:
        port = free_port()
        config = {"listen": f"{LOOPBACK}:{port}", "authorization": {"user": NATS_USER, "password": NATS_PASSWORD}}
        file = folder / f"nats-{port}.conf"
        file.write_text(json.dumps(config | more))
        started.append(ManagedProcess("nats", [nats_server(), "-c", str(file)], folder / "nats.log"))
        started[-1].start()
        return port

    yield start
    for process in started:
        process.stop()


def with_tls(shown: Shown) -> dict[str, object]:
    return {"tls": {"cert_file": str(shown.certificate), "key_file": str(shown.key)}}


async def reach(url: str, **more: Any) -> Client:
    """As soon as the server listens; by a user and password of their own settings."""
    settings = NatsSettings(nats_url=url, **({"nats_user": NATS_USER, "nats_password": NATS_PASSWORD} | more))
    for _ in range(100):
        try:
            return await nats_client.connect(settings, allow_reconnect=False, connect_timeout=2, error_cb=quiet)
        except ConnectionRefusedError:
            await asyncio.sleep(0.05)
    raise AssertionError("nats-server did not start")


async def quiet(_error: Exception) -> None:
    """nats-py would print it."""


async def test_nats_is_reached_by_tls_with_user_and_password_apart_and_one_of_several_addresses(
    tls_nats: Callable[..., int], authority: Authority, shown: Shown
) -> None:
    port = tls_nats(**with_tls(shown))
    await (await reach(f"tls://{LOOPBACK}:{port}", nats_ca_file=str(authority.file))).close()
    several = NatsSettings(
        nats_url=f"tls://{LOOPBACK}:1, tls://{LOOPBACK}:{port}",
        nats_user=NATS_USER,
        nats_password=NATS_PASSWORD,
        nats_ca_file=str(authority.file),
    )
    client = await nats_client.connect(several, max_reconnect_attempts=3, reconnect_time_wait=0.05, error_cb=quiet)
    assert client.connected_url is not None
    assert client.connected_url.port == port
    await client.close()


async def test_a_nats_of_another_authority_or_name_is_refused(
    tls_nats: Callable[..., int], authority: Authority, stranger: Authority, shown: Shown
) -> None:
    port = tls_nats(**with_tls(shown))
    for host, ca in ((LOOPBACK, stranger), ("localhost", authority)):
        with pytest.raises(OSError, match="CERTIFICATE_VERIFY_FAILED") as refused:
            await reach(f"tls://{host}:{port}", nats_ca_file=str(ca.file))
        told = explained(refused.value)
        assert told is not None
        assert "REDRESS_NATS_CA_FILE" in told.do


async def test_no_password_goes_to_a_nats_without_tls_when_the_address_demands_it(
    tls_nats: Callable[..., int], authority: Authority
) -> None:
    port = tls_nats()
    await (await reach(f"nats://{LOOPBACK}:{port}")).close()
    with pytest.raises(nats_client.TlsRefused) as refused:
        await reach(f"tls://{LOOPBACK}:{port}", nats_ca_file=str(authority.file))
    told = explained(refused.value)
    assert told is not None
    assert "offers no TLS" in told.why


async def test_a_password_in_the_address_still_does(tls_nats: Callable[..., int]) -> None:
    port = tls_nats(authorization={"user": "old", "password": "way"})
    await (await reach(f"nats://old:way@{LOOPBACK}:{port}", nats_user="", nats_password="")).close()
    with pytest.raises(nats.errors.Error, match="Authorization"):
        await reach(f"nats://{LOOPBACK}:{port}")
