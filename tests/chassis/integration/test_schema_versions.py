"""The version before and the schema of the next: it goes on, and its own migration leaves everything alone."""

import asyncio
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from chassis.health import Health
from chassis.migrate import migrate
from chassis.revisions import Revisions, revisions_of
from chassis.settings import CommonSettings, MigrateSettings
from stack.databases import ServiceDsns
from stack.testing import RealServers
from tests.chassis.integration.conftest import PROBE, Probe

_NEXT = """
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.execute("ALTER TABLE handled ADD COLUMN added text")
"""


@pytest.fixture
def next_version(tmp_path: Path) -> Path:
    shutil.copytree(PROBE / "migrations", tmp_path / "migrations")
    (tmp_path / "migrations" / "versions" / "2026_11_23_0900_pre_next.py").write_text(_NEXT)
    return tmp_path


def health_of(probe: Probe, revisions: Revisions) -> Health:
    made = Health(probe.db, probe.bus, probe.metrics, revisions)
    made.serving = True
    return made


async def migrated(package: Path, dsns: ServiceDsns) -> str:
    with ThreadPoolExecutor(1) as pool:  # alembic's runner wants an event loop of its own
        settings = MigrateSettings(migrate_dsn=dsns.migrate)
        return await asyncio.get_running_loop().run_in_executor(pool, migrate, package, settings)


async def test_pods_of_the_version_before_stay_ready_while_those_of_the_next_wait_for_its_migration(
    infra: RealServers, template: ServiceDsns, settings_for: Callable[..., CommonSettings], next_version: Path
) -> None:
    settings = settings_for()
    database = settings.dsn.rsplit("/", 1)[-1]
    dsns = ServiceDsns(database, settings.dsn, template.migrate.replace(template.database, database))
    probe = Probe(settings)
    before, after = revisions_of(PROBE), revisions_of(next_version)

    assert (await health_of(probe, before).check())[0]
    ready, checks = await health_of(probe, after).check()
    assert not ready
    assert "run migrate" in checks["database"]

    assert await migrated(next_version, dsns) == "0002"
    ready, checks = await health_of(probe, before).check()
    assert ready
    assert checks["schema"] == "0002, newer than this version, whose own is 0001"
    assert (await health_of(probe, after).check())[0]

    assert await migrated(PROBE, dsns) == "0002", "the version before keeps partitions and leaves the schema alone"
    async with probe.db.read() as tx:
        assert await tx.fetchval("SELECT version_num FROM alembic_version") == "0002"
        await tx.fetch("SELECT added FROM handled")
    await probe.close()


async def test_without_a_database_a_service_is_up_and_unready(settings_for: Callable[..., CommonSettings]) -> None:
    probe = Probe(settings_for().model_copy(update={"dsn": "postgresql://a:b@127.0.0.1:1/none"}))
    ready, checks = await health_of(probe, revisions_of(PROBE)).check()
    assert not ready
    assert checks["database"].startswith("down")
    assert checks["service"] == "ok"
    await probe.close()
