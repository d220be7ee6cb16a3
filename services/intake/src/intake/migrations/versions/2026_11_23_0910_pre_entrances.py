"""Mails kept as submissions; what a file says about its own shape and about complaints that were there already."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    _tell_more_about_imports()
    _create_submissions()
    _create_attachments()
    _protect("submission_bytes")


def _tell_more_about_imports() -> None:
    for name in ("format", "line_ends", "delimiter", "sheet"):
        op.add_column("imports", sa.Column(name, sa.Text, nullable=False, server_default=""))
    op.add_column("imports", sa.Column("changed", sa.Integer, nullable=False, server_default="0"))
    op.add_column("imports", sa.Column("notes", JSONB, nullable=False, server_default="[]"))
    op.create_table(
        "import_changes",
        sa.Column("import_id", UUID, sa.ForeignKey("imports.import_id"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("field", sa.Text, nullable=False),
        sa.Column("was", sa.Text, nullable=False),
        sa.Column("now", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("import_id", "n"),
    )
    op.create_table(
        "source_facts",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "name"),
    )


def _create_submissions() -> None:
    op.create_table(
        "submissions",
        sa.Column("submission_id", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text, nullable=False, comment="the mail's own Message-ID, else a digest"),
        sa.Column("message_id", sa.Text),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("content_sha256", sa.Text, nullable=False, comment="of sender, subject, text and attachments"),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
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
        sa.PrimaryKeyConstraint("submission_id"),
        sa.UniqueConstraint("channel", "external_id"),
        sa.CheckConstraint("state IN ('registered', 'parked', 'rejected')", "submissions_state_check"),
    )
    op.create_index("submissions_newest", "submissions", ["received_at", "submission_id"])
    op.create_index("submissions_state", "submissions", ["state", "received_at", "submission_id"])
    op.create_index(
        "submissions_complaint", "submissions", ["complaint_id"], postgresql_where=sa.text("complaint_id IS NOT NULL")
    )


def _create_attachments() -> None:
    submission = sa.ForeignKey("submissions.submission_id")
    op.create_table(
        "submission_bytes",
        sa.Column("submission_id", UUID, submission, nullable=False),
        sa.Column("raw", sa.LargeBinary, nullable=False, comment="as it came; never changed"),
        sa.PrimaryKeyConstraint("submission_id"),
    )
    op.create_table(
        "submission_attachments",
        sa.Column("submission_id", UUID, sa.ForeignKey("submissions.submission_id"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("content_type", sa.Text, nullable=False),
        sa.Column("size", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("submission_id", "n"),
    )


def _protect(table: str) -> None:
    """Every role but the owner (who runs migrations) loses what default privileges gave it."""
    op.execute(
        f"""DO $$ DECLARE r text; BEGIN
          FOR r IN SELECT DISTINCT grantee FROM information_schema.role_table_grants
                   WHERE table_name = '{table}' AND grantee <> current_user LOOP
            EXECUTE format('REVOKE UPDATE, DELETE, TRUNCATE ON {table} FROM %I', r);
          END LOOP; END $$"""  # noqa: S608
    )
