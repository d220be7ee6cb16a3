"""A dead letter can be discarded, with a reason."""

from alembic import op

from chassis.migrations import add_dead_letter_discard

revision = "2026_11_23_0900"
down_revision = "2026_11_22_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_dead_letter_discard(op)  # type: ignore[arg-type]
