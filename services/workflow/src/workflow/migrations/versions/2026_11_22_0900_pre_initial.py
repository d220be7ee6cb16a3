"""Definitions, calendars, memberships, cases with their tasks, deliverables, ledger and timeline."""

import json
from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    _create_definitions()
    _create_calendars()
    _create_members()
    _create_cases()
    _create_visits()
    _create_tasks()
    _create_deliverables()
    _create_sla_entries()
    _create_timeline()
    _create_case_links()
    _create_early_facts()
    _seed()


def _seed() -> None:
    """The shipped calendar and definitions; these files never change, a newer version is another file."""
    package = files("workflow")
    connection = op.get_bind()
    calendar = package.joinpath("calendars/cn.v1.json").read_text("utf-8")
    connection.execute(
        sa.text("INSERT INTO calendars (name, version, document) VALUES ('cn', 1, CAST(:document AS jsonb))"),
        {"document": calendar},
    )
    for name in ("complaint", "simple"):
        document = package.joinpath(f"definitions/{name}.v1.json").read_text("utf-8")
        connection.execute(
            sa.text(
                "INSERT INTO definitions (name, version, state, opens_new_cases, document, published_at, published_by)"
                " VALUES (:name, 1, 'published', :opens, CAST(:document AS jsonb), now(), 'system:workflow')"
            ),
            {"name": name, "opens": json.loads(document)["opens_new_cases"], "document": document},
        )


def _create_definitions() -> None:
    op.create_table(
        "definitions",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("opens_new_cases", sa.Boolean, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.Column("published_at", _TIME, nullable=False),
        sa.Column("published_by", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('published', 'retired')"),
        sa.PrimaryKeyConstraint("name", "version"),
    )
    op.create_index(
        "definitions_opening",
        "definitions",
        ["opens_new_cases"],
        unique=True,
        postgresql_where=sa.text("opens_new_cases AND state = 'published'"),
    )


def _create_calendars() -> None:
    op.create_table(
        "calendars",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("document", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )


def _create_members() -> None:
    op.create_table(
        "members",
        sa.Column("person_id", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("lead", sa.Boolean, nullable=False),
        sa.Column("roles", ARRAY(sa.Text), nullable=False),
        sa.Column("absent", sa.Boolean, nullable=False),
        sa.Column("disabled", sa.Boolean, nullable=False),
        sa.Column(
            "placed", sa.Boolean, nullable=False, comment="department and lead were set here, not by the gateway"
        ),
        sa.Column("identity_sequence", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("person_id"),
    )
    op.create_index("members_department", "members", ["department"])


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("definition", sa.Text, nullable=False),
        sa.Column("definition_version", sa.Integer, nullable=False),
        sa.Column("calendar", sa.Text, nullable=False),
        sa.Column("calendar_version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("product_family", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("since", _TIME, nullable=False),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("historical", sa.Boolean, nullable=False),
        sa.Column("stage_due_at", _TIME),
        sa.Column("due_at", _TIME),
        sa.Column("due_current_at", _TIME),
        sa.Column("response_due_at", _TIME),
        sa.Column("first_response_at", _TIME),
        sa.Column("closed_first_at", _TIME),
        sa.Column("closed_at", _TIME),
        sa.Column("reopened_at", ARRAY(_TIME), nullable=False),
        sa.Column("outcome", JSONB),
        sa.Column("first_outcome", JSONB),
        sa.Column("path", sa.Text, nullable=False),
        sa.Column("skip_reason", sa.Text),
        sa.Column("skipped_by", sa.Text),
        sa.Column("merged_into", UUID),
        sa.Column("case_notice", sa.Integer, nullable=False),
        sa.Column("case_notice_at", _TIME),
        sa.Column("response_notice", sa.Integer, nullable=False),
        sa.Column("response_notice_at", _TIME),
        sa.Column("grade_sequence", sa.Integer, nullable=False),
        sa.Column("facts_sequence", sa.Integer, nullable=False),
        sa.Column("notice_at", _TIME, sa.Computed("least(case_notice_at, response_notice_at)", persisted=True)),
        sa.CheckConstraint("grade IN ('urgent', 'important', 'routine')"),
        sa.CheckConstraint("path IN ('full', 'fast')"),
        sa.CheckConstraint("state IN ('open', 'paused', 'closed')"),
        sa.ForeignKeyConstraint(
            ["calendar", "calendar_version"],
            ["calendars.name", "calendars.version"],
        ),
        sa.ForeignKeyConstraint(
            ["definition", "definition_version"],
            ["definitions.name", "definitions.version"],
        ),
        sa.PrimaryKeyConstraint("case_id"),
    )
    op.create_index("cases_board", "cases", ["stage", "opened_at"], postgresql_where=sa.text("state <> 'closed'"))
    op.create_index("cases_newest", "cases", [sa.text("opened_at DESC"), sa.text("case_id DESC")])
    op.create_index("cases_notice", "cases", ["notice_at"], postgresql_where=sa.text("notice_at IS NOT NULL"))


def _create_visits() -> None:
    op.create_table(
        "visits",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("visit", sa.Integer, nullable=False),
        sa.Column("t_enter", _TIME, nullable=False),
        sa.Column("t_exit", _TIME),
        sa.Column("outcome", sa.Text),
        sa.CheckConstraint("outcome IN ('done', 'returned', 'skipped')"),
        sa.PrimaryKeyConstraint("case_id", "stage", "visit"),
    )


def _create_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("task_id", UUID, nullable=False),
        sa.Column("case_id", UUID),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("stage", sa.Text),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("department", sa.Text, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("opened_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("due_at", _TIME),
        sa.Column("done_at", _TIME),
        sa.Column("escalation", sa.Integer, nullable=False),
        sa.Column("escalate_at", _TIME, comment="when the timer looks at the task next"),
        sa.Column("lead_at", _TIME),
        sa.Column("manager_at", _TIME),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("ref", sa.Text),
        sa.Column("capa_id", UUID),
        sa.Column("ref_sequence", sa.Integer, nullable=False),
        sa.Column("result", sa.Text),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("delivers", ARRAY(sa.Text), nullable=False),
        sa.Column("completed_by", sa.Text),
        sa.CheckConstraint("state IN ('open', 'in_progress', 'done', 'cancelled')"),
        sa.PrimaryKeyConstraint("task_id"),
    )
    op.create_index("tasks_action", "tasks", ["ref"], unique=True, postgresql_where=sa.text("kind = 'action'"))
    op.create_index("tasks_capa", "tasks", ["capa_id"], postgresql_where=sa.text("capa_id IS NOT NULL"))
    op.create_index("tasks_case", "tasks", ["case_id"])
    op.create_index(
        "tasks_escalate",
        "tasks",
        ["escalate_at"],
        postgresql_where=sa.text("state IN ('open', 'in_progress') AND escalate_at IS NOT NULL"),
    )
    op.create_index("tasks_load", "tasks", ["assignee"], postgresql_where=sa.text("state IN ('open', 'in_progress')"))
    op.create_index("tasks_newest", "tasks", [sa.text("opened_at DESC"), sa.text("task_id DESC")])
    op.create_index(
        "tasks_waiting",
        "tasks",
        ["department"],
        postgresql_where=sa.text("state IN ('open', 'in_progress') AND assignee IS NULL"),
    )


def _create_deliverables() -> None:
    op.create_table(
        "deliverables",
        sa.Column("case_id", UUID, nullable=False, comment="may come before its case"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("ref", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("value", JSONB),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.CheckConstraint("state IN ('missing', 'fulfilled', 'waived', 'withdrawn')"),
        sa.PrimaryKeyConstraint("case_id", "kind"),
    )


def _create_sla_entries() -> None:
    op.create_table(
        "sla_entries",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("grade", sa.Text),
        sa.Column("seconds", sa.Float),
        sa.Column("due_at", _TIME),
        sa.CheckConstraint("kind IN ('start', 'pause', 'resume', 'regrade', 'extend', 'stop')"),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("sla_entries_case", "sla_entries", ["case_id"])


def _create_timeline() -> None:
    op.create_table(
        "timeline",
        sa.Column("entry_id", UUID, nullable=False),
        sa.Column("case_id", UUID, nullable=False, comment="may come before its case"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("stage", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("entry_id"),
    )
    op.create_index("timeline_case", "timeline", ["case_id", "at"])


def _create_case_links() -> None:
    op.create_table(
        "case_links",
        sa.Column("case_id", UUID, nullable=False, comment="may come before its case"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("ref", UUID, nullable=False),
        sa.CheckConstraint("kind IN ('rca', 'capa')"),
        sa.PrimaryKeyConstraint("case_id", "kind", "ref"),
    )
    op.create_index("case_links_ref", "case_links", ["ref"])


def _create_early_facts() -> None:
    op.create_table(
        "early_facts",
        sa.Column("subject", UUID, nullable=False, comment="a case or action that we have not heard of yet"),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("data", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("subject", "kind"),
    )
