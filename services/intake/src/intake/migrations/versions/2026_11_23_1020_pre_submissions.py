"""A submission comes by any channel and may become several complaints; mailboxes are read from where they were left."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_NEW = {"channel_id": "", "kind": "mail", "source": "mail", "content_type": "message/rfc822"}


def upgrade() -> None:
    _take_any_channel()
    _link_several_complaints()
    _keep_bytes_in_pieces()
    op.create_table(
        "mailbox_marks",
        sa.Column("channel_id", sa.Text, nullable=False),
        sa.Column("folder", sa.Text, nullable=False),
        sa.Column("uid_validity", sa.BigInteger, nullable=False),
        sa.Column("last_uid", sa.BigInteger, nullable=False, comment="everything up to it was handled"),
        sa.Column("polled_at", _TIME, comment="the last time that all went well"),
        sa.Column("failing_since", _TIME),
        sa.Column("error", sa.Text, nullable=False, comment="in words, without names or secrets"),
        sa.PrimaryKeyConstraint("channel_id", "folder"),
    )


def _take_any_channel() -> None:
    # Defaults stay: until all replicas are new, older ones insert mails without these.
    for name, before in _NEW.items():
        op.add_column("submissions", sa.Column(name, sa.Text, nullable=False, server_default=before))
    op.add_column("submissions", sa.Column("person_id", UUID, comment="whose key it is sealed with; null for plain"))
    op.add_column("submissions", sa.Column("sealed", sa.LargeBinary))
    op.add_column("submissions", sa.Column("decided_at", _TIME))
    op.drop_constraint("submissions_channel_external_id_key", "submissions")
    op.create_unique_constraint(None, "submissions", ["source", "external_id"])
    op.drop_constraint("submissions_state_check", "submissions")
    states = "state IN ('registered', 'parked', 'merged', 'rejected')"
    op.create_check_constraint("submissions_state_check", "submissions", states)
    op.create_index("submissions_channel", "submissions", ["channel_id", "received_at", "submission_id"])
    for name, columns in (("message", ["message_id"]), ("person", ["person_id", "received_at"])):
        there = sa.text(f"{columns[0]} IS NOT NULL")
        op.create_index(f"submissions_{name}", "submissions", columns, postgresql_where=there)


def _link_several_complaints() -> None:
    op.create_table(
        "submission_complaints",
        sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id"), nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "complaint_id"),
        sa.CheckConstraint("kind IN ('promoted', 'attached', 'merged')", "submission_complaints_kind_check"),
    )
    op.create_index("submission_complaints_complaint", "submission_complaints", ["complaint_id"])
    # How it came to be was not written down: a complaint of the same external id was registered from it.
    op.execute(
        "INSERT INTO submission_complaints SELECT s.submission_id, s.complaint_id,"
        " CASE WHEN c.external_id = s.external_id THEN 'promoted' ELSE 'attached' END, s.received_at, s.received_by"
        " FROM submissions s JOIN complaints c USING (complaint_id) WHERE s.state = 'registered'"
    )


def _keep_bytes_in_pieces() -> None:
    op.add_column("submission_bytes", sa.Column("n", sa.Integer, nullable=False, server_default="0"))
    op.drop_constraint("submission_bytes_pkey", "submission_bytes")
    op.create_primary_key("submission_bytes_pkey", "submission_bytes", ["submission_id", "n"])
