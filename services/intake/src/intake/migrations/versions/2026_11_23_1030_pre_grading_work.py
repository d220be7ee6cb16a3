"""Drafts of grading tables, back-tests, double gradings."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_GRADES = "('urgent', 'important', 'routine')"


def upgrade() -> None:
    _create_drafts()
    _create_back_tests()
    _create_changes()
    _create_samples()
    _create_double_gradings()
    op.create_index(
        "gradings_wrong", "gradings", ["at", "complaint_id"], postgresql_where=sa.text("reason_code = 'wrong_then'")
    )


def _text(name: str, **more: object) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=False, **more)  # type: ignore[arg-type]


def _grade(name: str, *, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.CheckConstraint(f"{name} IN {_GRADES}"), nullable=nullable)


def _create_drafts() -> None:
    op.create_table(
        "grading_drafts",
        sa.Column("draft_id", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _text("title"),
        _text("state"),
        sa.Column("based_on", sa.Integer, nullable=False, comment="version of the table it was taken from"),
        _text("document", comment="JSON, its keys in the order of whoever wrote it"),
        sa.Column("fault_count", sa.Integer, nullable=False),
        sa.Column("published_version", sa.Integer),
        _text("created_by"),
        sa.Column("created_at", _TIME, nullable=False),
        _text("changed_by"),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("draft_id"),
        sa.CheckConstraint("state IN ('open', 'published', 'discarded')", "grading_drafts_state_check"),
    )
    op.create_index("grading_drafts_newest", "grading_drafts", ["created_at", "draft_id"])


def _create_back_tests() -> None:
    op.create_table(
        "back_tests",
        sa.Column("back_test_id", UUID, nullable=False),
        _text("state"),
        sa.Column("draft_id", UUID, nullable=False),
        sa.Column("draft_version", sa.Integer, nullable=False),
        _text("document", comment="JSON: the draft as it was when the test was asked for"),
        sa.Column("compared_with", sa.Integer, nullable=False, comment="published version"),
        sa.Column("period_from", _TIME, nullable=False),
        sa.Column("period_to", _TIME, nullable=False),
        sa.Column("targets", JSONB, nullable=False),
        _text("targets_source"),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("done", sa.Integer, nullable=False),
        sa.Column("report", JSONB, nullable=False, server_default="{}"),
        _text("error", server_default=""),
        sa.Column("attempts", sa.Integer, nullable=False, server_default="0"),
        sa.Column("claimed_until", _TIME),
        _text("requested_by"),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("started_at", _TIME),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("back_test_id"),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", "back_tests_state_check"),
    )
    op.create_index("back_tests_newest", "back_tests", ["requested_at", "back_test_id"])
    open_ones = sa.text("state IN ('waiting', 'running')")
    op.create_index("back_tests_open", "back_tests", ["requested_at"], postgresql_where=open_ones)


def _create_changes() -> None:
    op.create_table(
        "back_test_changes",
        sa.Column("back_test_id", UUID, sa.ForeignKey("back_tests.back_test_id", ondelete="CASCADE"), nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="newest registered first"),
        sa.Column("complaint_id", UUID, nullable=False),
        _text("number"),
        sa.Column("t_registered", _TIME, nullable=False),
        _grade("before"),
        _grade("after"),
        _text("row_before"),
        _text("row_after"),
        _grade("recorded_grade"),
        sa.Column("by_hand", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("back_test_id", "n"),
    )


def _create_samples() -> None:
    op.create_table(
        "grading_samples",
        sa.Column("grading_sample_id", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        _text("title"),
        _text("state"),
        sa.Column("period_from", _TIME, nullable=False),
        sa.Column("period_to", _TIME, nullable=False),
        _text("allocation"),
        _text("seed"),
        sa.Column("hide_answers", sa.Boolean, nullable=False),
        sa.Column("graders", ARRAY(sa.Text), nullable=False),
        sa.Column("strata", JSONB, nullable=False),
        _text("drawn_by"),
        sa.Column("drawn_at", _TIME, nullable=False),
        sa.Column("closed_at", _TIME),
        sa.PrimaryKeyConstraint("grading_sample_id"),
        sa.CheckConstraint("state IN ('open', 'closed')", "grading_samples_state_check"),
        sa.CheckConstraint("allocation IN ('proportional', 'equal')", "grading_samples_allocation_check"),
    )
    op.create_index("grading_samples_newest", "grading_samples", ["drawn_at", "grading_sample_id"])


def _create_double_gradings() -> None:
    sample = sa.ForeignKey("grading_samples.grading_sample_id")
    op.create_table(
        "double_gradings",
        sa.Column("grading_item_id", UUID, nullable=False),
        sa.Column("grading_sample_id", UUID, sample, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("assigned_to", sa.Text, comment="NULL: anybody who is not barred"),
        sa.Column("barred", ARRAY(sa.Text), nullable=False, comment="who graded the complaint before"),
        sa.Column("first_n", sa.Integer, nullable=False, comment="the grading in force when the sample was drawn"),
        _grade("first_grade"),
        _text("first_row"),
        sa.Column("first_table_version", sa.Integer, nullable=False),
        _text("first_by"),
        _grade("second_grade", nullable=True),
        sa.Column("second_by", sa.Text),
        sa.Column("second_at", _TIME),
        _text("reason", server_default=""),
        sa.Column("first_answers", JSONB, nullable=False),
        sa.Column("second_answers", JSONB, nullable=False, server_default="{}"),
        sa.Column("left_out", sa.Boolean, nullable=False, server_default="false", comment="graded anew in between"),
        sa.PrimaryKeyConstraint("grading_item_id"),
        sa.UniqueConstraint("grading_sample_id", "complaint_id"),
    )
    not_graded, graded = sa.text("second_grade IS NULL"), sa.text("second_grade IS NOT NULL")
    op.create_index("double_gradings_open", "double_gradings", ["grading_item_id"], postgresql_where=not_graded)
    op.create_index("double_gradings_second", "double_gradings", ["second_at"], postgresql_where=graded)
