"""CAPAs, their actions, windows and checks, and what quality costs; see adapters/tables.py."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import UUID

from analytics.adapters.columns import TIME, columns, metadata

action_facts = sa.Table(
    "action_facts",
    metadata,
    sa.Column("action_id", UUID, primary_key=True),
    *columns(UUID, "capa_id"),
    *columns(sa.Text, "type"),
    *columns(TIME, "t_assigned", "due_original", "due_current", "t_done", "due_said_at"),
    sa.Index("action_facts_capa_id", "capa_id"),
)

action_extensions = sa.Table(
    "action_extensions",
    metadata,
    sa.Column("action_id", UUID, nullable=False),
    sa.Column("extension_seq", sa.Integer, nullable=False),
    sa.Column("capa_id", UUID, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.PrimaryKeyConstraint("action_id", "extension_seq"),
)

capa_facts = sa.Table(
    "capa_facts",
    metadata,
    sa.Column("capa_id", UUID, primary_key=True),
    *columns(UUID, "rca_id"),
    *columns(sa.Text, "number", "risk_class", "outcome"),
    *columns(TIME, "t_opened", "t_approved", "t_implemented", "window_ends_at", "t_closed"),
    *columns(sa.Integer, "implemented_seq", "closed_seq", "reopened_seq"),
    sa.Index("capa_facts_t_opened", "t_opened"),
)

capa_windows = sa.Table(
    "capa_windows",
    metadata,
    sa.Column("capa_id", UUID, nullable=False),
    sa.Column("implemented_seq", sa.Integer, nullable=False),
    sa.Column("t_implemented", TIME, nullable=False),
    sa.Column("window_ends_at", TIME, nullable=False),
    sa.PrimaryKeyConstraint("capa_id", "implemented_seq"),
)

capa_cases = sa.Table(
    "capa_cases",
    metadata,
    sa.Column("capa_id", UUID, nullable=False),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.PrimaryKeyConstraint("capa_id", "complaint_id"),
    sa.Index("capa_cases_complaint_id", "complaint_id"),
)

capa_checks = sa.Table(
    "capa_checks",
    metadata,
    sa.Column("capa_id", UUID, nullable=False),
    sa.Column("check_seq", sa.Integer, nullable=False),
    sa.Column("verdict", sa.Text, nullable=False),
    sa.Column("at", TIME, nullable=False),
    sa.Column("window_ends_at", TIME),
    sa.PrimaryKeyConstraint("capa_id", "check_seq"),
)

cost_lines = sa.Table(
    "cost_lines",
    metadata,
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
