"""The chassis's part of every service's migrations."""

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from alembic.operations import Operations
from sqlalchemy import text

from chassis.definition_store import published_definitions
from chassis.definitions import ENVELOPE, digest_of, text_of
from chassis.tables import metadata

_PROTECTED = ("audit",)


def create_chassis_tables(op: Operations) -> None:
    """Outbox, inbox, dead letters, audit trail, idempotency keys, leases; only the owner may change audit rows."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in _PROTECTED:
        _protect(connection, table)


def _protect(connection: sa.Connection, table: str) -> None:
    """Every role but the owner (who runs migrations) loses what default privileges gave it."""
    connection.execute(
        text(
            f"""DO $$ DECLARE r text; BEGIN
              FOR r IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                       WHERE table_name = '{table}' AND grantee <> current_user LOOP
                EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', r);
              END LOOP; END $$"""  # noqa: S608
        )
    )


def add_dead_letter_discard(op: Operations) -> None:
    """IF NOT EXISTS: the first migration creates the chassis's tables as they are today."""
    op.execute("ALTER TABLE dead_letter ADD COLUMN IF NOT EXISTS discarded_at timestamptz")
    op.execute("ALTER TABLE dead_letter ADD COLUMN IF NOT EXISTS discard_reason text")


def create_definitions(op: Operations) -> None:
    """The table of published definitions; a version that was published is never changed."""
    connection = op.get_bind()
    table = published_definitions(sa.MetaData())
    table.create(connection)
    _protect(connection, table.name)


def seed_definition(op: Operations, kind: str, name: str, document: Mapping[str, Any], *, version: int = 1) -> None:
    """Publishes a shipped document. Once an organisation published its own, its word stands: nothing is done."""
    op.get_bind().execute(
        text(
            "INSERT INTO published_definitions (kind, name, version, document, digest, published_at, published_by)"
            " SELECT CAST(:kind AS text), CAST(:name AS text), CAST(:version AS int), CAST(:document AS text),"
            " CAST(:digest AS text), now(), 'system:shipped' WHERE NOT EXISTS (SELECT 1 FROM published_definitions"
            " WHERE kind = :kind AND name = :name AND (published_by <> 'system:shipped' OR version >= :version))"
        ),
        {
            "kind": kind,
            "name": name,
            "version": version,
            "document": text_of(document),
            "digest": digest_of(document),
        },
    )


def shipped(text: str) -> dict[str, Any]:
    """A document of the package without what its file says about itself."""
    return {key: value for key, value in json.loads(text).items() if key not in ENVELOPE}


def drop_chassis_tables(op: Operations) -> None:
    metadata.drop_all(op.get_bind())
