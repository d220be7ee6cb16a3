"""Facts per complaint, CAPA, action, task and cost line; the gauges computed from them."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID
from sqlalchemy.types import TypeEngine

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
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


def _columns(kind: type[TypeEngine[Any]] | TypeEngine[Any], *names: str) -> Sequence[sa.Column[Any]]:
    return [sa.Column(name, kind) for name in names]


def _derived(name: str, kind: Any, sql: str) -> sa.Column[Any]:
    return sa.Column(name, kind, sa.Computed(sql, persisted=True))


_FACTS = (
    "facts",
    "stage_visits",
    "task_facts",
    "contacts",
    "repeat_links",
    "action_facts",
    "capa_facts",
    "capa_cases",
    "capa_checks",
    "cost_lines",
)
_TABLES = (*_FACTS, "stage_exits", "changes", "gauges")


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    _create_facts()
    _create_stages()
    _create_tasks_and_contacts()
    _create_capas()
    _create_costs()
    _create_gauges()
    _mark_changes()


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.execute("DROP FUNCTION mark_changed()")
    drop_chassis_tables(op)  # type: ignore[arg-type]


def _create_facts() -> None:
    op.create_table(
        "facts",
        sa.Column("complaint_id", UUID, primary_key=True),
        # What figures are computed from comes first and has a fixed width: a scan reads no further.
        *_columns(_TIME, "t_received", "t_registered", "t_first_human", "t_auto_ack", "t_closed", "t_closed_import"),
        *_columns(_TIME, "t_closed_first_here", "t_reopened_first", "t_regraded_wrong", "t_merged", "t_contacted"),
        *_columns(_TIME, "due_original", "due_current", "t_contained", "t_opened"),
        _derived("t_closed_final", _TIME, T_CLOSED_FINAL),
        _derived("t_closed_first", _TIME, T_CLOSED_FIRST),
        _derived("t_start", _TIME, T_START),
        _derived("valid", sa.Boolean, VALID),
        *_columns(sa.Boolean, "historical", "justified", "accepted", "investigated"),
        *_columns(sa.Double, "working_seconds"),
        *_columns(sa.Integer, "open_proposals"),
        *_columns(sa.Integer, "described_seq", "grade_seq", "proposals_seq", "repeat_seq", "due_original_seq"),
        *_columns(sa.Integer, "due_current_seq", "stage_seq", "case_seq", "closed_seq", "reopened_seq"),
        *_columns(_TIME, "t_occurred", "t_aware", "response_due_at", "t_task_done"),
        *_columns(sa.Integer, "grading_version", "definition_version"),
        *_columns(UUID, "merged_into"),
        *_columns(
            sa.Text, "grade", "product_family", "channel", "repeat_level", "path", "outcome", "stage", "case_state"
        ),
        _derived("state", sa.Text, STATE),
        *_columns(sa.Text, "number", "language", "key_account", "grade_first", "grade_row", "grading_table"),
        *_columns(sa.Text, "product_model", "lot", "defect_code", "failure_location", "signature"),
        *_columns(sa.Text, "definition", "remedy"),
        sa.CheckConstraint("grade IN ('urgent', 'important', 'routine')", name="facts_grade"),
        sa.CheckConstraint("case_state IN ('open', 'paused', 'closed')", name="facts_case_state"),
        sa.CheckConstraint("path IN ('full', 'fast')", name="facts_path"),
        sa.CheckConstraint("repeat_level IN ('R1', 'R2')", name="facts_repeat_level"),
        sa.Index("facts_t_received", "t_received"),
        sa.Index("facts_t_registered", "t_registered"),
        sa.Index("facts_t_closed_final", "t_closed_final"),
        # Facts are updated a dozen times in their life: room for the new version on the same page.
        postgresql_with={"fillfactor": 70},
    )


def _create_stages() -> None:
    op.create_table(
        "stage_visits",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("t_enter", _TIME, nullable=False),
        sa.Column("enter_seq", sa.Integer, nullable=False),
        sa.Column("t_exit", _TIME, comment="found from stage_exits"),
        sa.Column("outcome", sa.Text, comment="done | returned | skipped, found from stage_exits"),
        sa.PrimaryKeyConstraint("complaint_id", "stage", "visit"),
        sa.Index("stage_visits_t_exit", "t_exit"),
        sa.Index("stage_visits_rework", "complaint_id", "stage", postgresql_where=sa.text("visit > 1")),
    )
    op.create_table(
        "stage_exits",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("stage", sa.Text, nullable=False, comment="empty: whichever stage the case stood in"),
        sa.Column("exit_seq", sa.Integer, nullable=False),
        sa.Column("t_exit", _TIME, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "stage", "exit_seq"),
    )


def _create_tasks_and_contacts() -> None:
    op.create_table(
        "task_facts",
        sa.Column("task_id", UUID, primary_key=True),
        *_columns(UUID, "complaint_id"),
        *_columns(sa.Text, "kind", "stage", "department", "ref"),
        *_columns(_TIME, "t_assigned", "t_started", "t_done", "t_overdue", "due_at", "department_at", "due_said_at"),
        *_columns(sa.Integer, "escalation"),
        sa.Index("task_facts_complaint_id", "complaint_id", "stage"),
    )
    op.create_table(
        "contacts",
        sa.Column("contact_id", UUID, primary_key=True),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Index("contacts_complaint_id", "complaint_id", "at"),
    )
    op.create_table(
        "repeat_links",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("other", UUID, nullable=False),
        *_columns(sa.Integer, "judged_seq"),
        *_columns(sa.Text, "level"),
        sa.PrimaryKeyConstraint("complaint_id", "other"),
        sa.Index("repeat_links_other", "other"),
    )


def _create_capas() -> None:
    op.create_table(
        "action_facts",
        sa.Column("action_id", UUID, primary_key=True),
        *_columns(UUID, "capa_id"),
        *_columns(sa.Text, "type"),
        *_columns(_TIME, "t_assigned", "due_original", "due_current", "t_done", "due_said_at"),
        sa.Index("action_facts_capa_id", "capa_id"),
    )
    op.create_table(
        "capa_facts",
        sa.Column("capa_id", UUID, primary_key=True),
        *_columns(UUID, "rca_id"),
        *_columns(sa.Text, "number", "risk_class", "outcome"),
        *_columns(_TIME, "t_opened", "t_approved", "t_implemented", "window_ends_at", "t_closed"),
        *_columns(sa.Integer, "implemented_seq", "closed_seq", "reopened_seq"),
        sa.Index("capa_facts_t_opened", "t_opened"),
    )
    op.create_table(
        "capa_cases",
        sa.Column("capa_id", UUID, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("capa_id", "complaint_id"),
        sa.Index("capa_cases_complaint_id", "complaint_id"),
    )
    op.create_table(
        "capa_checks",
        sa.Column("capa_id", UUID, nullable=False),
        sa.Column("check_seq", sa.Integer, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("capa_id", "check_seq"),
    )


def _create_costs() -> None:
    op.create_table(
        "cost_lines",
        sa.Column("cost_id", UUID, primary_key=True),
        sa.Column("date", sa.Date, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("sub_type", sa.Text, nullable=False),
        sa.Column("amount_minor", sa.BigInteger, nullable=False),
        sa.Column("currency", sa.Text, nullable=False),
        sa.Column("complaint_id", UUID),
        sa.Column("capa_id", UUID),
        sa.Column("estimated", sa.Boolean, nullable=False),
        sa.Index("cost_lines_date", "date"),
    )


def _create_gauges() -> None:
    op.create_table(
        "changes",
        sa.Column("at", _TIME, nullable=False, server_default=sa.text("clock_timestamp()")),
        comment="one row per statement that changed a fact, taken away by the refresh of the gauges",
    )
    op.create_table(
        "gauges",
        sa.Column("id", sa.Boolean, sa.CheckConstraint("id", name="gauges_one_row"), primary_key=True),
        sa.Column("computed_at", _TIME, nullable=False),
        sa.Column("cost_seconds", sa.Double, nullable=False),
        sa.Column("samples", JSONB, nullable=False),
        comment="what every replica shows on /metrics",
    )


def _mark_changes() -> None:
    """Whatever writes a fact, in whichever replica, says so in its own transaction: no gauge can miss it."""
    op.execute(
        "CREATE FUNCTION mark_changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN INSERT INTO changes DEFAULT VALUES; RETURN NULL; END $$"
    )
    for table in _FACTS:
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_changed()"
        )
