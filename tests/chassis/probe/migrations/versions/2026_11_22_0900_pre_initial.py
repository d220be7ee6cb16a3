from alembic import op

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None


def upgrade() -> None:
    create_chassis_tables(op)
    op.execute("CREATE TABLE handled (event_id uuid, complaint_id text, n serial)")


def downgrade() -> None:
    op.execute("DROP TABLE handled")
    drop_chassis_tables(op)
