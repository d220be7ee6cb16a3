"""The service's tables. Rows of cases, tasks, deliverables, visits and ledger carry the names of the domain."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.definition_store import published_definitions

metadata = sa.MetaData()
_TIME = TIMESTAMP(timezone=True)
_UNDONE = "state IN ('open', 'in_progress')"


def _in(column: str, *values: str) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})")


definitions = published_definitions(metadata)

members = sa.Table(
    "members",
    metadata,
    sa.Column("person_id", sa.Text, primary_key=True),
    sa.Column("department", sa.Text, nullable=False),
    sa.Column("lead", sa.Boolean, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("absent", sa.Boolean, nullable=False),
    sa.Column("disabled", sa.Boolean, nullable=False),
    sa.Column("placed", sa.Boolean, nullable=False, comment="department and lead were set here, not by the gateway"),
    sa.Column("identity_sequence", sa.Integer, nullable=False),
    sa.Index("members_department", "department"),
)

cases = sa.Table(
    "cases",
    metadata,
    sa.Column("case_id", UUID, primary_key=True),
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
    _in("state", "open", "paused", "closed"),
    _in("grade", "urgent", "important", "routine"),
    _in("path", "full", "fast"),
    sa.Index("cases_newest", sa.text("opened_at DESC"), sa.text("case_id DESC")),
    sa.Index("cases_board", "stage", "opened_at", postgresql_where=sa.text("state <> 'closed'")),
    sa.Index("cases_notice", "notice_at", postgresql_where=sa.text("notice_at IS NOT NULL")),
)

visits = sa.Table(
    "visits",
    metadata,
    sa.Column("case_id", UUID, primary_key=True),
    sa.Column("stage", sa.Text, primary_key=True),
    sa.Column("visit", sa.Integer, primary_key=True),
    sa.Column("t_enter", _TIME, nullable=False),
    sa.Column("t_exit", _TIME),
    sa.Column("outcome", sa.Text),
    _in("outcome", "done", "returned", "skipped"),
)

tasks = sa.Table(
    "tasks",
    metadata,
    sa.Column("task_id", UUID, primary_key=True),
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
    _in("state", "open", "in_progress", "done", "cancelled"),
    sa.Index("tasks_case", "case_id"),
    sa.Index("tasks_load", "assignee", postgresql_where=sa.text(_UNDONE)),
    sa.Index("tasks_escalate", "escalate_at", postgresql_where=sa.text(f"{_UNDONE} AND escalate_at IS NOT NULL")),
    sa.Index("tasks_waiting", "department", postgresql_where=sa.text(f"{_UNDONE} AND assignee IS NULL")),
    sa.Index("tasks_action", "ref", unique=True, postgresql_where=sa.text("kind = 'action'")),
    sa.Index("tasks_capa", "capa_id", postgresql_where=sa.text("capa_id IS NOT NULL")),
    sa.Index("tasks_newest", sa.text("opened_at DESC"), sa.text("task_id DESC")),
)

deliverables = sa.Table(
    "deliverables",
    metadata,
    sa.Column("case_id", UUID, primary_key=True, comment="may come before its case"),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ref", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("value", JSONB),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    _in("state", "missing", "fulfilled", "waived", "withdrawn"),
)

sla_entries = sa.Table(
    "sla_entries",
    metadata,
    sa.Column("entry_id", UUID, primary_key=True),
    sa.Column("case_id", UUID, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("grade", sa.Text),
    sa.Column("seconds", sa.Float),
    sa.Column("due_at", _TIME),
    _in("kind", "start", "pause", "resume", "regrade", "extend", "stop"),
    sa.Index("sla_entries_case", "case_id"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    sa.Column("entry_id", UUID, primary_key=True),
    sa.Column("case_id", UUID, nullable=False, comment="may come before its case"),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("stage", sa.Text, nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("data", JSONB, nullable=False),
    sa.Index("timeline_case", "case_id", "at"),
)

case_links = sa.Table(
    "case_links",
    metadata,
    sa.Column("case_id", UUID, primary_key=True, comment="may come before its case"),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("ref", UUID, primary_key=True),
    _in("kind", "rca", "capa"),
    sa.Index("case_links_ref", "ref"),
)

early_facts = sa.Table(
    "early_facts",
    metadata,
    sa.Column("subject", UUID, primary_key=True, comment="a case or action that we have not heard of yet"),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("data", JSONB, nullable=False),
)
