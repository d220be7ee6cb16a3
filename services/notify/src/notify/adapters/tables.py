"""What notify remembers. No table holds a name or an address: those are asked for when a letter is written.

The one thing of a customer's own is the comment of a survey's answer.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.definition_store import published_definitions

metadata = sa.MetaData()
definitions = published_definitions(metadata)
_TIME = TIMESTAMP(timezone=True)

deliveries = sa.Table(
    "deliveries",
    metadata,
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
        "kind IN ('receipt', 'case_closed', 'merged', 'task_assigned', 'task_overdue', 'escalation')", "deliveries_kind"
    ),
    sa.CheckConstraint("state IN ('pending', 'sending', 'sent', 'failed', 'skipped')", "deliveries_state"),
    sa.CheckConstraint("(state = 'sending') = (claim IS NOT NULL)", "deliveries_claim"),
    sa.CheckConstraint("(state IN ('pending', 'sending')) = (next_attempt_at IS NOT NULL)", "deliveries_next"),
    sa.UniqueConstraint("case_id", "kind", "event_id", name="deliveries_once"),
    sa.Index("deliveries_waiting", "next_attempt_at", postgresql_where=sa.text("next_attempt_at IS NOT NULL")),
    sa.Index("deliveries_kind_state", "kind", "state", "delivery_id"),
)

delivery_attempts = sa.Table(
    "delivery_attempts",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("delivery_id", UUID, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("ok", sa.Boolean, nullable=False),
    sa.Column("answer", sa.Text, nullable=False, comment="the server's, without addresses"),
    sa.Index("delivery_attempts_delivery", "delivery_id", "seq"),
)

notices = sa.Table(
    "notices",
    metadata,
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
    sa.Index("notices_waiting", "ready_at", postgresql_where=sa.text("delivery_id IS NULL")),
)

known_cases = sa.Table(
    "known_cases",
    metadata,
    sa.Column("case_id", UUID, primary_key=True),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("closed", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("sequence", sa.Integer, nullable=False, server_default="0", comment="of the news that set `closed`"),
    sa.Index("known_cases_number", "number"),
    comment="what task events leave out about their case",
)

merged_reports = sa.Table(
    "merged_reports",
    metadata,
    sa.Column("case_id", UUID, primary_key=True),
    sa.Column("into_case", UUID, nullable=False),
    sa.Index("merged_reports_into", "into_case"),
    comment="complaints that were merged, and into which",
)

surveys = sa.Table(
    "surveys",
    metadata,
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
    sa.Index("surveys_state", "state"),
)

survey_answers = sa.Table(
    "survey_answers",
    metadata,
    sa.Column("survey_id", UUID, sa.ForeignKey("surveys.survey_id"), primary_key=True),
    sa.Column("process_rating", sa.SmallInteger),
    sa.Column("result_rating", sa.SmallInteger),
    sa.Column("comment", sa.Text, nullable=False, comment="the customer's words: personal data, in no event or log"),
    sa.Column("via", sa.Text, nullable=False),
    sa.Column("recorded_by", sa.Text, comment="who called back; null for the customer's own answer"),
    sa.CheckConstraint("process_rating BETWEEN 1 AND 5", "survey_answers_process"),
    sa.CheckConstraint("result_rating BETWEEN 1 AND 5", "survey_answers_result"),
    sa.CheckConstraint("coalesce(process_rating, result_rating) IS NOT NULL", "survey_answers_some"),
    sa.CheckConstraint("via IN ('link', 'call_back')", "survey_answers_via"),
)
