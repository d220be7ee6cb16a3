"""Persons, API keys, and failed sign-ins."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    _create_person()
    _create_api_key()
    op.create_table(
        "sign_in_failure",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_at", _TIME, nullable=False, index=True),
        sa.Column("blocked_until", _TIME, nullable=False),
    )


def _create_person() -> None:
    op.create_table(
        "person",
        sa.Column("person_id", UUID, primary_key=True),
        sa.Column("account", sa.Text, nullable=False, unique=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("password_hash", sa.Text, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("department", sa.Text),
        sa.Column("lead", sa.Boolean, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("disabled_at", _TIME),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.CheckConstraint("language IN ('zh', 'en')", name="person_language"),
    )


def _create_api_key() -> None:
    op.create_table(
        "api_key",
        sa.Column("key_id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("secret_hash", sa.LargeBinary, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("scope", JSONB, nullable=False),
        sa.Column("rate_per_s", sa.Float),
        sa.Column("created_by", sa.Text, nullable=False),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("revoked_at", _TIME),
    )


def downgrade() -> None:
    for table in ("sign_in_failure", "api_key", "person"):
        op.drop_table(table)
    drop_chassis_tables(op)  # type: ignore[arg-type]
