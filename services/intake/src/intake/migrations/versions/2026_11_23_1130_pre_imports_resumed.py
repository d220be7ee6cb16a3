"""Saved mappings; imports that go on after an interruption."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "import_mappings",
        sa.Column("mapping_name", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("changed_by", sa.Text, nullable=False),
        sa.Column("changed_at", TIMESTAMP(timezone=True), nullable=False),
    )
    for name in ("dry_run", "background", "stored"):
        op.add_column("imports", sa.Column(name, sa.Boolean, nullable=False, server_default="false"))
    for name in ("size", "bytes_read"):
        op.add_column("imports", sa.Column(name, sa.BigInteger, nullable=False, server_default="0"))
    for name in ("urgent", "important", "routine", "proposals"):
        op.add_column("imports", sa.Column(name, sa.Integer, nullable=False, server_default="0"))
    op.add_column("imports", sa.Column("wanted_sheet", sa.Text))
    op.add_column("imports", sa.Column("started_roles", ARRAY(sa.Text), nullable=False, server_default="{}"))
    op.drop_constraint("imports_state_check", "imports")
    op.create_check_constraint(
        "imports_state_check", "imports", "state IN ('waiting', 'running', 'done', 'failed', 'stopped')"
    )
    op.create_index("imports_newest", "imports", ["started_at", "import_id"])
    op.create_index("imports_stored", "imports", ["started_at"], postgresql_where=sa.text("stored"))
