"""What a release ships, beside what an organisation published itself."""

from typing import Any

from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy.ext.asyncio import create_async_engine

from chassis.migrations import seed_definition
from stack.testing import MigratedDatabases


async def test_a_better_default_takes_its_place_until_an_organisation_publishes_its_own(
    migrated: MigratedDatabases,
) -> None:
    with migrated.fresh("intake") as dsns:
        engine = create_async_engine(dsns.migrate.replace("postgresql://", "postgresql+asyncpg://", 1))
        async with engine.connect() as connection:

            async def ship(version: int) -> Any:
                def run(bound: Any) -> None:
                    op: Any = Operations(MigrationContext.configure(bound))
                    seed_definition(op, "calendar", "cn", {"n": version}, version=version)

                await connection.run_sync(run)
                rows = await connection.exec_driver_sql(
                    "SELECT version FROM published_definitions WHERE kind = 'calendar' ORDER BY version"
                )
                return [row[0] for row in rows]

            assert await ship(1) == [1]
            assert await ship(1) == [1]
            assert await ship(2) == [1, 2]
            await connection.exec_driver_sql(
                "INSERT INTO published_definitions VALUES ('calendar', 'cn', 3, '{}', '', now(), 'person-1')"
            )
            assert await ship(4) == [1, 2, 3]
        await engine.dispose()
