"""An index for each filter of the list of complaints that few may pass."""

from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

_NEWEST = "t_registered, complaint_id"


def upgrade() -> None:
    for name in ("product_family", "defect_code"):
        op.execute(f"CREATE INDEX complaints_by_{name} ON complaints ({name}, {_NEWEST})")
    op.execute(f"CREATE INDEX complaints_newest_merged ON complaints ({_NEWEST}) WHERE state = 'merged'")
    op.execute(f"CREATE INDEX complaints_questions ON complaints ({_NEWEST}) WHERE cardinality(questions) > 0")
    op.execute(f"CREATE INDEX complaints_proposals ON complaints ({_NEWEST}) WHERE open_proposals > 0")
