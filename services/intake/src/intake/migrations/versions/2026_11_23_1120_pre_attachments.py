"""Files beside complaints."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "attachments",
        sa.Column("attachment_id", UUID, primary_key=True),
        sa.Column("complaint_id", UUID, sa.ForeignKey("complaints.complaint_id"), nullable=False),
        sa.Column("name_sealed", sa.LargeBinary, comment="name and note, under the person's key"),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("scan", sa.Text, nullable=False),
        sa.Column("added_by", sa.Text, nullable=False),
        sa.Column("added_at", TIMESTAMP(timezone=True), nullable=False),
        sa.Column("removed_reason", sa.Text, nullable=False),
        sa.Column("object_gone", sa.Boolean, nullable=False, comment="its bytes are not in the store any more"),
        sa.CheckConstraint(
            "state IN ('receiving', 'kept', 'infected', 'removed', 'erased')", "attachments_state_check"
        ),
    )
    op.create_index("attachments_complaint", "attachments", ["complaint_id", "added_at"])
    op.create_index(
        "attachments_unsettled",
        "attachments",
        ["added_at"],
        postgresql_where=sa.text("state <> 'kept' AND NOT object_gone"),
    )
