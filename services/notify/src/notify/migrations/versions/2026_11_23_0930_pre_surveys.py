"""Satisfaction surveys and their answers; whether a known case is closed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    op.add_column("known_cases", sa.Column("closed", sa.Boolean, nullable=False, server_default="false"))
    op.add_column("known_cases", sa.Column("sequence", sa.Integer, nullable=False, server_default="0"))
    op.create_index("known_cases_number", "known_cases", ["number"])
    _create_surveys()
    _create_answers()


def _create_surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("survey_id", UUID, primary_key=True),
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("closing", sa.Integer, nullable=False, comment="which closing of the case: 1 for the first"),
        sa.Column("event_id", UUID, comment="the closing's; null while a call-back came before it"),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False, server_default="", comment="why nobody was asked"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("sent_at", _TIME),
        sa.Column("answered_at", _TIME),
        sa.Column("version", sa.Integer, nullable=False, server_default="1"),
        sa.CheckConstraint("state IN ('waiting', 'sent', 'answered', 'closed', 'skipped')", "surveys_state"),
        sa.CheckConstraint("(state = 'answered') = (answered_at IS NOT NULL)", "surveys_answered"),
        sa.CheckConstraint("closing >= 1", "surveys_closing"),
        sa.UniqueConstraint("case_id", "closing", name="surveys_once_per_closing"),
        sa.UniqueConstraint("event_id", name="surveys_once_per_event"),
    )
    op.create_index("surveys_state", "surveys", ["state"])


def _create_answers() -> None:
    op.create_table(
        "survey_answers",
        sa.Column("survey_id", UUID, primary_key=True),
        sa.Column("process_rating", sa.SmallInteger),
        sa.Column("result_rating", sa.SmallInteger),
        sa.Column(
            "comment", sa.Text, nullable=False, comment="the customer's words: personal data, in no event or log"
        ),
        sa.Column("via", sa.Text, nullable=False),
        sa.Column("recorded_by", sa.Text, comment="who called back; null for the customer's own answer"),
        sa.ForeignKeyConstraint(["survey_id"], ["surveys.survey_id"]),
        sa.CheckConstraint("process_rating BETWEEN 1 AND 5", "survey_answers_process"),
        sa.CheckConstraint("result_rating BETWEEN 1 AND 5", "survey_answers_result"),
        sa.CheckConstraint("coalesce(process_rating, result_rating) IS NOT NULL", "survey_answers_some"),
        sa.CheckConstraint("via IN ('link', 'call_back')", "survey_answers_via"),
    )
