"""The tables of what came in: mails as submissions, and what files said about complaints that were there already."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("submission_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text, nullable=False, comment="the mail's own Message-ID, else a digest"),
    sa.Column("message_id", sa.Text),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False, comment="of sender, subject, text and attachments"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state IN ('registered', 'parked', 'rejected')"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("complaint_id", UUID, comment="registered as, attached to, or a reply about"),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sender_name", sa.Text, nullable=False),
    sa.Column("sender_address", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("charset", sa.Text, nullable=False),
    sa.Column("defects", JSONB, nullable=False),
    sa.Column("product_family", sa.Text, nullable=False),
    sa.Column("sent_at", _TIME),
    sa.Column("received_at", _TIME, nullable=False),
    sa.Column("received_by", sa.Text, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.UniqueConstraint("channel", "external_id"),
    sa.Index("submissions_newest", "received_at", "submission_id"),
    sa.Index("submissions_state", "state", "received_at", "submission_id"),
    sa.Index("submissions_complaint", "complaint_id", postgresql_where=sa.text("complaint_id IS NOT NULL")),
)

# Apart from its facts, so that the runtime role can be denied every change of it.
submission_bytes = sa.Table(
    "submission_bytes",
    metadata,
    sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id"), primary_key=True),
    sa.Column("raw", sa.LargeBinary, nullable=False, comment="as it came; never changed"),
)

submission_attachments = sa.Table(
    "submission_attachments",
    metadata,
    sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id")),
    sa.Column("n", sa.Integer),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("submission_id", "n"),
)

import_changes = sa.Table(
    "import_changes",
    metadata,
    sa.Column("import_id", UUID, sa.ForeignKey("imports.import_id")),
    sa.Column("n", sa.Integer),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("was", sa.Text, nullable=False),
    sa.Column("now", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("import_id", "n"),
)

source_facts = sa.Table(
    "source_facts",
    metadata,
    sa.Column("complaint_id", UUID),
    sa.Column("name", sa.Text),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("complaint_id", "name"),
)
