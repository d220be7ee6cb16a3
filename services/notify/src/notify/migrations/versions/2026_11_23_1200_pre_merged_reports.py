"""Reporters of merged complaints are told: a kind of letter, and who was joined to whom."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import UUID

from chassis.migrations import seed_definition, shipped

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

_KINDS = "'receipt', 'case_closed', 'merged', 'task_assigned', 'task_overdue', 'escalation'"


def upgrade() -> None:
    op.create_table(
        "merged_reports",
        sa.Column("case_id", UUID, nullable=False),
        sa.Column("into_case", UUID, nullable=False),
        sa.PrimaryKeyConstraint("case_id"),
        comment="complaints that were merged, and into which",
    )
    op.create_index("merged_reports_into", "merged_reports", ["into_case"])
    op.drop_constraint("deliveries_kind", "deliveries")
    op.execute(f"ALTER TABLE deliveries ADD CONSTRAINT deliveries_kind CHECK (kind IN ({_KINDS})) NOT VALID")
    # Whoever has published letters of their own keeps them, and adds this one when they like (docs/repeats.md).
    text = files("notify").joinpath("definitions/templates.v3.json").read_text("utf-8")
    seed_definition(op, "letter-templates", "default", shipped(text), version=3)  # type: ignore[arg-type]
