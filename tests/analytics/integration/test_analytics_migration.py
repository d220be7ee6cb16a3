"""The migration makes what adapters/tables.py describes."""

from analytics.adapters.tables import metadata
from chassis.db import Database


async def test_every_described_column_exists(analytics_db: Database) -> None:
    async with analytics_db.read() as tx:
        rows = await tx.fetch(
            "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"
        )
    there = {(row["table_name"], row["column_name"]) for row in rows}
    described = {(table.name, column.name) for table in metadata.tables.values() for column in table.columns}
    assert described <= there


async def test_every_described_index_exists(analytics_db: Database) -> None:
    async with analytics_db.read() as tx:
        rows = await tx.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = 'public'")
    described = {index.name for table in metadata.tables.values() for index in table.indexes}
    assert described <= {row["indexname"] for row in rows}
