"""Surveys, extensions, windows of CAPAs, touch time: what CSAT, recurrence and flow efficiency are computed from."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, TSTZMULTIRANGE, UUID
from sqlalchemy.types import TypeEngine

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_TABLES = ("surveys", "case_extensions", "action_extensions", "capa_windows")
_NEW_FACTS: Sequence[tuple[str, type[TypeEngine[Any]]]] = (
    ("reachable", sa.Boolean),
    ("working_seconds_first", sa.Double),
    ("working_seconds_response", sa.Double),
    ("touched", TSTZMULTIRANGE),
)


def upgrade() -> None:
    for name, kind in _NEW_FACTS:
        op.add_column("facts", sa.Column(name, kind))
    op.create_index(
        "facts_signature",
        "facts",
        ["signature", sa.text("coalesce(t_occurred, t_received)")],
        postgresql_where=sa.text("signature IS NOT NULL"),
    )
    op.add_column("capa_checks", sa.Column("window_ends_at", _TIME))
    _create_surveys()
    _create_extensions()
    _create_windows()
    for table in _TABLES:
        op.execute(
            f"CREATE TRIGGER {table}_changed AFTER INSERT OR UPDATE OR DELETE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION mark_changed()"
        )


def downgrade() -> None:
    for table in _TABLES:
        op.drop_table(table)
    op.drop_column("capa_checks", "window_ends_at")
    op.drop_index("facts_signature")
    for name, _ in _NEW_FACTS:
        op.drop_column("facts", name)


def _create_surveys() -> None:
    op.create_table(
        "surveys",
        sa.Column("survey_id", UUID, primary_key=True),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("closing", sa.Integer, nullable=False),
        sa.Column("t_sent", _TIME, nullable=False),
        *(sa.Column(name, sa.Integer) for name in ("process_rating", "result_rating", "answered_seq")),
        sa.Column("t_answered", _TIME),
        sa.Column("via", sa.Text),
        sa.CheckConstraint("process_rating BETWEEN 1 AND 5", name="surveys_process_rating"),
        sa.CheckConstraint("result_rating BETWEEN 1 AND 5", name="surveys_result_rating"),
        sa.Index("surveys_complaint_id", "complaint_id"),
    )


def _create_extensions() -> None:
    op.create_table(
        "case_extensions",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("extension_seq", sa.Integer, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "extension_seq"),
    )
    op.create_table(
        "action_extensions",
        sa.Column("action_id", UUID, nullable=False),
        sa.Column("extension_seq", sa.Integer, nullable=False),
        sa.Column("capa_id", UUID, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("action_id", "extension_seq"),
    )


def _create_windows() -> None:
    op.create_table(
        "capa_windows",
        sa.Column("capa_id", UUID, nullable=False),
        sa.Column("implemented_seq", sa.Integer, nullable=False),
        sa.Column("t_implemented", _TIME, nullable=False),
        sa.Column("window_ends_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("capa_id", "implemented_seq"),
    )
