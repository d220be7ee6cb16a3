"""What the facts look like in PostgreSQL. analytics.projections.schema says how each column takes what events say.

No foreign keys between them: an event may come before the one that creates its complaint.
"""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TSTZMULTIRANGE, UUID

from analytics.adapters import capa_tables  # noqa: F401 - `metadata` describes them too
from analytics.adapters.columns import TIME, columns, derived
from analytics.adapters.columns import metadata as metadata
from chassis.definition_store import published_definitions

definitions = published_definitions(metadata)

_REOPENED_SINCE = "closed_seq < coalesce(reopened_seq, 0)"
T_CLOSED_FINAL = (
    "CASE WHEN coalesce(closed_seq, reopened_seq) IS NULL THEN t_closed_import"
    f" WHEN {_REOPENED_SINCE} THEN NULL ELSE t_closed END"
)
T_CLOSED_FIRST = "coalesce(t_closed_import, t_closed_first_here)"
# Historical records closed before they came are measured between their own dates, all others between ours.
T_START = "CASE WHEN t_closed_import IS NOT NULL THEN t_received ELSE t_registered END"
# DOMAIN, outcomes: valid = not merged, test or rejected at intake; a duplicate is a contact, not a complaint (§3).
VALID = (
    "t_registered IS NOT NULL AND t_merged IS NULL"
    f" AND NOT (coalesce(outcome, '') = 'duplicate' AND NOT coalesce({_REOPENED_SINCE}, false))"
)
STATE = (
    "CASE WHEN t_merged IS NOT NULL THEN 'merged' WHEN case_state IS NOT NULL THEN case_state"
    " WHEN t_closed_import IS NOT NULL THEN 'closed' ELSE 'registered' END"
)


facts = sa.Table(
    "facts",
    metadata,
    sa.Column("complaint_id", UUID, primary_key=True),
    # What figures are computed from comes first and has a fixed width: a scan reads no further.
    *columns(TIME, "t_received", "t_registered", "t_first_human", "t_auto_ack", "t_closed", "t_closed_import"),
    *columns(TIME, "t_closed_first_here", "t_reopened_first", "t_regraded_wrong", "t_merged", "t_contacted"),
    *columns(TIME, "due_original", "due_current", "t_contained", "t_opened"),
    derived("t_closed_final", TIME, T_CLOSED_FINAL),
    derived("t_closed_first", TIME, T_CLOSED_FIRST),
    derived("t_start", TIME, T_START),
    derived("valid", sa.Boolean, VALID),
    *columns(sa.Boolean, "historical", "justified", "accepted", "investigated"),
    *columns(sa.Double, "working_seconds"),
    *columns(sa.Integer, "open_proposals"),
    *columns(sa.Integer, "described_seq", "grade_seq", "proposals_seq", "repeat_seq", "due_original_seq"),
    *columns(sa.Integer, "due_current_seq", "stage_seq", "case_seq", "closed_seq", "reopened_seq"),
    *columns(TIME, "t_occurred", "t_aware", "response_due_at", "t_task_done"),
    *columns(sa.Integer, "grading_version", "definition_version"),
    *columns(UUID, "merged_into"),
    *columns(sa.Text, "grade", "product_family", "channel", "repeat_level", "path", "outcome", "stage", "case_state"),
    derived("state", sa.Text, STATE),
    *columns(sa.Text, "number", "language", "key_account", "grade_first", "grade_row", "grading_table"),
    *columns(sa.Text, "product_model", "lot", "defect_code", "failure_location", "signature"),
    *columns(sa.Text, "definition", "remedy"),
    *columns(sa.Boolean, "reachable"),
    *columns(sa.Double, "working_seconds_first", "working_seconds_response"),
    sa.Column("touched", TSTZMULTIRANGE, comment="when somebody had a task of it in hand"),
    sa.CheckConstraint("grade IN ('urgent', 'important', 'routine')", name="facts_grade"),
    sa.CheckConstraint("case_state IN ('open', 'paused', 'closed')", name="facts_case_state"),
    sa.CheckConstraint("path IN ('full', 'fast')", name="facts_path"),
    sa.CheckConstraint("repeat_level IN ('R1', 'R2')", name="facts_repeat_level"),
    sa.Index("facts_t_received", "t_received"),
    sa.Index("facts_t_registered", "t_registered"),
    sa.Index("facts_t_closed_final", "t_closed_final"),
    sa.Index(
        "facts_signature",
        "signature",
        sa.text("coalesce(t_occurred, t_received)"),
        postgresql_where=sa.text("signature IS NOT NULL"),
    ),
    # Facts are updated a dozen times in their life: room for the new version on the same page.
    postgresql_with={"fillfactor": 70},
)

stage_visits = sa.Table(
    "stage_visits",
    metadata,
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("visit", sa.Integer, nullable=False),
    sa.Column("t_enter", TIME, nullable=False),
    sa.Column("enter_seq", sa.Integer, nullable=False),
    sa.Column("t_exit", TIME, comment="found from stage_exits"),
    sa.Column("outcome", sa.Text, comment="done | returned | skipped, found from stage_exits"),
    sa.PrimaryKeyConstraint("complaint_id", "stage", "visit"),
    sa.Index("stage_visits_t_exit", "t_exit"),
    sa.Index("stage_visits_rework", "complaint_id", "stage", postgresql_where=sa.text("visit > 1")),
)

stage_exits = sa.Table(
    "stage_exits",
    metadata,
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("stage", sa.Text, nullable=False, comment="empty: whichever stage the case stood in"),
    sa.Column("exit_seq", sa.Integer, nullable=False),
    sa.Column("t_exit", TIME, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("complaint_id", "stage", "exit_seq"),
)

task_facts = sa.Table(
    "task_facts",
    metadata,
    sa.Column("task_id", UUID, primary_key=True),
    *columns(UUID, "complaint_id"),
    *columns(sa.Text, "kind", "stage", "department", "ref"),
    *columns(TIME, "t_assigned", "t_started", "t_done", "t_overdue", "due_at", "department_at", "due_said_at"),
    *columns(sa.Integer, "escalation"),
    sa.Index("task_facts_complaint_id", "complaint_id", "stage"),
)

case_extensions = sa.Table(
    "case_extensions",
    metadata,
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("extension_seq", sa.Integer, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.PrimaryKeyConstraint("complaint_id", "extension_seq"),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Index("contacts_complaint_id", "complaint_id", "at"),
)

repeat_links = sa.Table(
    "repeat_links",
    metadata,
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("other", UUID, nullable=False),
    *columns(sa.Integer, "judged_seq"),
    *columns(sa.Text, "level"),
    sa.PrimaryKeyConstraint("complaint_id", "other"),
    sa.Index("repeat_links_other", "other"),
)

surveys = sa.Table(
    "surveys",
    metadata,
    sa.Column("survey_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("closing", sa.Integer, nullable=False),
    sa.Column("t_sent", TIME, nullable=False),
    *columns(sa.Integer, "process_rating", "result_rating", "answered_seq"),
    *columns(TIME, "t_answered"),
    *columns(sa.Text, "via"),
    sa.CheckConstraint("process_rating BETWEEN 1 AND 5", name="surveys_process_rating"),
    sa.CheckConstraint("result_rating BETWEEN 1 AND 5", name="surveys_result_rating"),
    sa.Index("surveys_complaint_id", "complaint_id"),
)

changes = sa.Table(
    "changes",
    metadata,
    sa.Column("at", TIME, nullable=False, server_default=sa.text("clock_timestamp()")),
    comment="one row per statement that changed a fact, taken away by the refresh of the gauges",
)

gauges = sa.Table(
    "gauges",
    metadata,
    sa.Column("id", sa.Boolean, sa.CheckConstraint("id", name="gauges_one_row"), primary_key=True),
    sa.Column("computed_at", TIME, nullable=False),
    sa.Column("cost_seconds", sa.Double, nullable=False),
    sa.Column("samples", JSONB, nullable=False),
    comment="what every replica shows on /metrics",
)
