"""What came by a channel, as it came; what was made of it; and where a mailbox was read up to."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

submissions = sa.Table(
    "submissions",
    metadata,
    sa.Column("submission_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("channel", sa.Text, nullable=False, comment="the coarse word that figures count by"),
    sa.Column("channel_id", sa.Text, nullable=False, comment="of the registry; empty for what named none"),
    sa.Column("kind", sa.Text, nullable=False, comment="of the channel: mail, imap, wecom …"),
    sa.Column("source", sa.Text, nullable=False, comment="where the external id is unique: all mails, else a channel"),
    sa.Column("external_id", sa.Text, nullable=False, comment="the mail's own Message-ID, else a digest"),
    sa.Column("message_id", sa.Text),
    sa.Column("content_type", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False, comment="of sender, subject, text and attachments"),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("complaint_id", UUID, comment="the first it was registered as, attached to, or seems to be about"),
    sa.Column("person_id", UUID, comment="whose key it is sealed with; null for what is plain"),
    sa.Column("sealed", sa.LargeBinary, comment="subject, sender and the names of attachments"),
    sa.Column("subject", sa.Text, nullable=False, comment="empty where it is sealed, like the two below"),
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
    sa.Column("decided_at", _TIME),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.CheckConstraint("state IN ('registered', 'parked', 'merged', 'rejected')", name="submissions_state_check"),
    sa.UniqueConstraint("source", "external_id"),
    sa.Index("submissions_newest", "received_at", "submission_id"),
    sa.Index("submissions_state", "state", "received_at", "submission_id"),
    sa.Index("submissions_channel", "channel_id", "received_at", "submission_id"),
    sa.Index("submissions_complaint", "complaint_id", postgresql_where=sa.text("complaint_id IS NOT NULL")),
    sa.Index("submissions_message", "message_id", postgresql_where=sa.text("message_id IS NOT NULL")),
    sa.Index("submissions_person", "person_id", "received_at", postgresql_where=sa.text("person_id IS NOT NULL")),
)

submission_complaints = sa.Table(
    "submission_complaints",
    metadata,
    sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id")),
    sa.Column("complaint_id", UUID),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.CheckConstraint("kind IN ('promoted', 'attached', 'merged')", name="submission_complaints_kind_check"),
    sa.PrimaryKeyConstraint("submission_id", "complaint_id"),
    sa.Index("submission_complaints_complaint", "complaint_id"),
)

# Apart from its facts, so that the runtime role can be denied every change of it.
submission_bytes = sa.Table(
    "submission_bytes",
    metadata,
    sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id")),
    sa.Column("n", sa.Integer, comment="of the piece: each is sealed by itself"),
    sa.Column("raw", sa.LargeBinary, nullable=False, comment="as it came; never changed"),
    sa.PrimaryKeyConstraint("submission_id", "n"),
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

mailbox_marks = sa.Table(
    "mailbox_marks",
    metadata,
    sa.Column("channel_id", sa.Text),
    sa.Column("folder", sa.Text),
    sa.Column("uid_validity", sa.BigInteger, nullable=False),
    sa.Column("last_uid", sa.BigInteger, nullable=False, comment="everything up to it was handled"),
    sa.Column("polled_at", _TIME, comment="the last time that all went well"),
    sa.Column("failing_since", _TIME),
    sa.Column("error", sa.Text, nullable=False, comment="in words, without names or secrets"),
    sa.PrimaryKeyConstraint("channel_id", "folder"),
)
