"""Deliveries and their log, notices for digests."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    _create_deliveries()
    _create_attempts()
    _create_notices()
    op.create_table(
        "known_cases",
        sa.Column("case_id", UUID, primary_key=True),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("urgent", sa.Boolean, nullable=False),
        comment="what task events leave out about their case",
    )


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("delivery_id", UUID, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False, server_default="mail"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("language", sa.Text, comment="unknown until sent: the recipient's own"),
        sa.Column("case_id", UUID),
        sa.Column("task_id", UUID),
        sa.Column("person_id", sa.Text, comment="a colleague; null for the customer of the case"),
        sa.Column("event_id", UUID, comment="what a customer's letter answers; null for a digest"),
        sa.Column("template", sa.Text, nullable=False),
        sa.Column("template_version", sa.Integer, nullable=False),
        sa.Column("facts", JSONB, nullable=False, comment="numbers, times and codes the letter names"),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("next_attempt_at", _TIME, comment="while sending: when the claim runs out"),
        sa.Column("claim", UUID, comment="of the sender at work; only it may settle the row"),
        sa.Column("error", sa.Text, nullable=False, server_default=""),
        sa.Column("message_id", sa.Text, nullable=False, server_default=""),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.CheckConstraint(
            "kind IN ('receipt', 'case_closed', 'task_assigned', 'task_overdue', 'escalation')", "deliveries_kind"
        ),
        sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'skipped')", "deliveries_state"),
        sa.CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", "deliveries_claim"),
        sa.CheckConstraint("(state IN ('pending', 'sending')) = (next_attempt_at IS NOT NULL)", "deliveries_next"),
        sa.UniqueConstraint("case_id", "kind", "event_id", name="deliveries_once"),
    )
    waiting = sa.text("next_attempt_at IS NOT NULL")
    op.create_index("deliveries_waiting", "deliveries", ["next_attempt_at"], postgresql_where=waiting)
    op.create_index("deliveries_kind_state", "deliveries", ["kind", "state", "delivery_id"])


def _create_attempts() -> None:
    op.create_table(
        "delivery_attempts",
        sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("delivery_id", UUID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("ok", sa.Boolean, nullable=False),
        sa.Column("answer", sa.Text, nullable=False, comment="the server's, without addresses"),
    )
    op.create_index("delivery_attempts_delivery", "delivery_attempts", ["delivery_id", "seq"])


def _create_notices() -> None:
    op.create_table(
        "notices",
        sa.Column("notice_id", UUID, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("task_id", UUID, nullable=False),
        sa.Column("case_id", UUID),
        sa.Column("event_id", UUID, nullable=False),
        sa.Column("number", sa.Text),
        sa.Column("task_kind", sa.Text, nullable=False),
        sa.Column("due_at", _TIME),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("ready_at", _TIME, nullable=False),
        sa.Column("delivery_id", UUID, comment="the digest it went into"),
        sa.CheckConstraint("kind IN ('task_assigned', 'task_overdue', 'escalation')", "notices_kind"),
        sa.UniqueConstraint("kind", "task_id", "person_id", "event_id", name="notices_once"),
    )
    waiting = sa.text("delivery_id IS NULL")
    op.create_index("notices_waiting", "notices", ["ready_at"], postgresql_where=waiting)
