"""The table of files beside complaints; their bytes lie in the object store, sealed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)
STATES = "('receiving', 'kept', 'infected', 'removed', 'erased')"

attachments = sa.Table(
    "attachments",
    metadata,
    sa.Column("attachment_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, sa.ForeignKey("complaints.complaint_id"), nullable=False),
    sa.Column("name_sealed", sa.LargeBinary, comment="name and note, under the person's key"),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint(f"state IN {STATES}", "attachments_state_check"), nullable=False),
    sa.Column("scan", sa.Text, nullable=False),
    sa.Column("added_by", sa.Text, nullable=False),
    sa.Column("added_at", _TIME, nullable=False),
    sa.Column("removed_reason", sa.Text, nullable=False),
    sa.Column("object_gone", sa.Boolean, nullable=False, comment="its bytes are not in the store any more"),
    sa.Index("attachments_complaint", "complaint_id", "added_at"),
    sa.Index("attachments_unsettled", "added_at", postgresql_where=sa.text("state <> 'kept' AND NOT object_gone")),
)
