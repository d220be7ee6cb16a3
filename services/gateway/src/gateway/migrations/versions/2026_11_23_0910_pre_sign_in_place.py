"""Wrong passwords count where they came from, and a person is known where they have signed in."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("sign_in_failure", sa.Column("network", sa.Text, nullable=False, server_default=""))
    op.drop_constraint("sign_in_failure_pkey", "sign_in_failure")
    op.create_primary_key("sign_in_failure_pkey", "sign_in_failure", ["account", "network"])
    op.create_table(
        "sign_in_place",
        sa.Column("account", sa.Text, primary_key=True),
        sa.Column("network", sa.Text, primary_key=True),
        sa.Column("last_at", _TIME, nullable=False, index=True),
    )
