"""The chassis's part of every service's first migration."""

from alembic.operations import Operations
from sqlalchemy import text

from chassis.tables import metadata

_PROTECTED = ("audit",)


def create_chassis_tables(op: Operations) -> None:
    """Outbox, inbox, dead letters, audit trail, idempotency keys, leases; only the owner may change audit rows."""
    connection = op.get_bind()
    metadata.create_all(connection)
    for table in _PROTECTED:
        # Every role but the owner (who runs migrations) loses what default privileges gave it.
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


def drop_chassis_tables(op: Operations) -> None:
    metadata.drop_all(op.get_bind())
