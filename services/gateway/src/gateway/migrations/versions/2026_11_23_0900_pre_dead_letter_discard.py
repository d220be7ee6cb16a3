"""A dead letter can be discarded, with a reason."""

from alembic import op

from chassis.migrations import add_dead_letter_discard

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    add_dead_letter_discard(op)  # type: ignore[arg-type]
