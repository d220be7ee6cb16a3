"""What complaints are found alike by."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "likeness_state",
        sa.Column("one", sa.Boolean, nullable=False),
        sa.Column(
            "compared_to",
            TIMESTAMP(timezone=True),
            nullable=False,
            comment="t_registered of the newest complaint compared",
        ),
        sa.Column("compared_id", UUID, nullable=False, comment="its id: several may share a time"),
        sa.PrimaryKeyConstraint("one"),
        sa.CheckConstraint("one", name="likeness_state_one"),
    )
    # What was registered before is not compared: people have looked at it, or it was imported.
    op.execute("INSERT INTO likeness_state VALUES (true, now(), '00000000-0000-0000-0000-000000000000')")
    op.create_table(
        "likeness_again",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id"),
        comment="complaints that were corrected: their texts are compared anew",
    )
    op.create_index("proposals_judged", "proposals", ["judged_at"], postgresql_where=sa.text("judged_at IS NOT NULL"))
