from collections.abc import Iterator

import asyncpg
import pytest

from stack.errors import StackError
from stack.testing import MigratedDatabases, RealServers, embedded_or_container_infra


@pytest.fixture(scope="module")
def servers() -> Iterator[RealServers]:
    with embedded_or_container_infra() as found:
        yield found


async def test_every_fresh_database_starts_from_one_migrated_template(servers: RealServers) -> None:
    migrated: list[str] = []

    def migrate(service: str, settings: dict[str, str]) -> None:
        migrated.append(settings["REDRESS_MIGRATE_DSN"])

    databases = MigratedDatabases(servers, migrate)
    with databases.fresh("capa") as first, databases.fresh("capa") as second:
        assert first.database != second.database
        connection = await asyncpg.connect(first.runtime)
        assert await connection.fetchval("SELECT current_user") == "capa"
    databases.close()
    assert len(migrated) == 1
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(servers.admin_dsn, database=first.database)
    connection.terminate()


def test_a_service_under_test_gets_all_its_settings(servers: RealServers) -> None:
    settings = servers.settings("notify", servers.create_service_database("notify"), smtp_port=2525)
    assert settings["REDRESS_SMTP_PORT"] == "2525"
    assert settings["REDRESS_NATS_URL"] == servers.nats_url


def test_an_unknown_kind_of_infrastructure_is_refused() -> None:
    with pytest.raises(StackError, match="not 'cloud'"), embedded_or_container_infra("cloud"):
        pass
