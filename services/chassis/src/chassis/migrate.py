"""`python -m <service> migrate`: schema to head, partitions ahead; under an advisory lock, on a direct connection."""

import asyncio
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import asyncpg
from alembic import command, context
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, MetaData, text
from sqlalchemy.ext.asyncio import create_async_engine

from chassis import partitions
from chassis.revisions import alembic_config, revisions_of
from chassis.settings import MigrateSettings

_LOCK = 7_240_113_201
_LOCK_TIMEOUT_S = 5
_STATEMENT_TIMEOUT_S = 600


def migrate(package_dir: Path, settings: MigrateSettings) -> str:
    """Returns the revision the schema is at. Safe to run twice and by several at once.

    Where a later version has migrated already the schema stays as it is, and partitions are kept: after a rollback the
    older version's Jobs must end well and its upkeep go on.
    """
    return asyncio.run(_migrate(package_dir, settings))


async def _migrate(package_dir: Path, settings: MigrateSettings) -> str:
    # asyncpg reads the DSN itself, as it does for the service: SQLAlchemy's dialect knows no sslrootcert.
    engine = create_async_engine("postgresql+asyncpg://", async_creator=partial(asyncpg.connect, settings.migrate_dsn))
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(_upgrade, package_dir, settings)
    finally:
        await engine.dispose()


def _upgrade(connection: Connection, package_dir: Path, settings: MigrateSettings) -> str:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    connection.execute(text(f"SET LOCAL lock_timeout = '{_LOCK_TIMEOUT_S}s'"))
    connection.execute(text(f"SET LOCAL statement_timeout = '{_STATEMENT_TIMEOUT_S}s'"))
    if not revisions_of(package_dir).newer(_revision(connection)):
        config = alembic_config(package_dir)
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    days = {"outbox": settings.outbox_retention_days, "inbox": settings.inbox_retention_days}
    partitions.maintain(connection, datetime.now(UTC).date(), days)
    revision = _revision(connection)
    assert revision is not None
    return revision


def _revision(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def run_env(metadata: MetaData) -> None:
    """The body of every service's migrations/env.py; the connection comes from `migrate`, never from a file."""
    context.configure(
        connection=context.config.attributes["connection"],
        target_metadata=metadata,
        include_name=lambda name, kind, _parent: kind != "table" or not _is_partition(name),
        transaction_per_migration=False,
    )
    context.run_migrations()


def _is_partition(name: str | None) -> bool:
    return name is not None and name.startswith(("outbox_", "inbox_"))
