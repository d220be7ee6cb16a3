"""Drafts of grading tables, back-tests, and complaints that are graded a second time."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)
_GRADES = "('urgent', 'important', 'routine')"


def _grade(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.CheckConstraint(f"{name} IN {_GRADES}"), nullable=nullable)


grading_drafts = sa.Table(
    "grading_drafts",
    metadata,
    sa.Column("draft_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state IN ('open', 'published', 'discarded')"), nullable=False),
    sa.Column("based_on", sa.Integer, nullable=False, comment="version of the table it was taken from"),
    sa.Column("document", sa.Text, nullable=False, comment="JSON, its keys in the order of whoever wrote it"),
    sa.Column("fault_count", sa.Integer, nullable=False),
    sa.Column("published_version", sa.Integer),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.Index("grading_drafts_newest", "created_at", "draft_id"),
)

back_tests = sa.Table(
    "back_tests",
    metadata,
    sa.Column("back_test_id", UUID, primary_key=True),
    sa.Column(
        "state",
        sa.Text,
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')"),
        nullable=False,
    ),
    sa.Column("draft_id", UUID, nullable=False),
    sa.Column("draft_version", sa.Integer, nullable=False),
    sa.Column("document", sa.Text, nullable=False, comment="JSON: the draft as it was when the test was asked for"),
    sa.Column("compared_with", sa.Integer, nullable=False, comment="published version"),
    sa.Column("period_from", _TIME, nullable=False),
    sa.Column("period_to", _TIME, nullable=False),
    sa.Column("targets", JSONB, nullable=False),
    sa.Column("targets_source", sa.Text, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("done", sa.Integer, nullable=False),
    sa.Column("report", JSONB, nullable=False, server_default="{}"),
    sa.Column("error", sa.Text, nullable=False, server_default=""),
    sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
    sa.Column("claimed_until", _TIME),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", _TIME, nullable=False),
    sa.Column("started_at", _TIME),
    sa.Column("finished_at", _TIME),
    sa.Index("back_tests_newest", "requested_at", "back_test_id"),
    sa.Index("back_tests_open", "requested_at", postgresql_where=sa.text("state IN ('waiting', 'running')")),
)

back_test_changes = sa.Table(
    "back_test_changes",
    metadata,
    sa.Column("back_test_id", UUID, sa.ForeignKey("back_tests.back_test_id", ondelete="CASCADE")),
    sa.Column("n", sa.Integer, comment="newest registered first"),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("t_registered", _TIME, nullable=False),
    _grade("before"),
    _grade("after"),
    sa.Column("row_before", sa.Text, nullable=False),
    sa.Column("row_after", sa.Text, nullable=False),
    _grade("recorded_grade"),
    sa.Column("by_hand", sa.Boolean, nullable=False),
    sa.PrimaryKeyConstraint("back_test_id", "n"),
)

grading_samples = sa.Table(
    "grading_samples",
    metadata,
    sa.Column("grading_sample_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state IN ('open', 'closed')"), nullable=False),
    sa.Column("period_from", _TIME, nullable=False),
    sa.Column("period_to", _TIME, nullable=False),
    sa.Column("allocation", sa.Text, sa.CheckConstraint("allocation IN ('proportional', 'equal')"), nullable=False),
    sa.Column("seed", sa.Text, nullable=False),
    sa.Column("hide_answers", sa.Boolean, nullable=False),
    sa.Column("graders", ARRAY(sa.Text), nullable=False),
    sa.Column("strata", JSONB, nullable=False),
    sa.Column("drawn_by", sa.Text, nullable=False),
    sa.Column("drawn_at", _TIME, nullable=False),
    sa.Column("closed_at", _TIME),
    sa.Index("grading_samples_newest", "drawn_at", "grading_sample_id"),
)

double_gradings = sa.Table(
    "double_gradings",
    metadata,
    sa.Column("grading_item_id", UUID, primary_key=True),
    sa.Column("grading_sample_id", UUID, sa.ForeignKey("grading_samples.grading_sample_id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("assigned_to", sa.Text, comment="NULL: anybody who is not barred"),
    sa.Column("barred", ARRAY(sa.Text), nullable=False, comment="who graded the complaint before"),
    sa.Column("first_n", sa.Integer, nullable=False, comment="the grading in force when the sample was drawn"),
    _grade("first_grade"),
    sa.Column("first_row", sa.Text, nullable=False),
    sa.Column("first_table_version", sa.Integer, nullable=False),
    sa.Column("first_by", sa.Text, nullable=False),
    _grade("second_grade", nullable=True),
    sa.Column("second_by", sa.Text),
    sa.Column("second_at", _TIME),
    sa.Column("reason", sa.Text, nullable=False, server_default=""),
    sa.Column("first_answers", JSONB, nullable=False),
    sa.Column("second_answers", JSONB, nullable=False, server_default="{}"),
    sa.Column("left_out", sa.Boolean, nullable=False, server_default="false", comment="graded anew in between"),
    sa.UniqueConstraint("grading_sample_id", "complaint_id"),
    sa.Index("double_gradings_open", "grading_item_id", postgresql_where=sa.text("second_grade IS NULL")),
    sa.Index("double_gradings_second", "second_at", postgresql_where=sa.text("second_grade IS NOT NULL")),
)
