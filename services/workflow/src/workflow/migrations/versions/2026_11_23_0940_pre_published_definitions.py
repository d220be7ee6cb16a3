"""Definitions and calendars move into the table of published definitions.

The tables they leave are kept for processes of the version before, which still read them, and are dropped by a later
release; nothing refers to them any more, so that cases may follow what is published from now on.
"""

from importlib.resources import files

from alembic import op

from chassis.migrations import create_definitions, seed_definition, shipped

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_definitions(op)  # type: ignore[arg-type]
    package = files("workflow")
    calendar = package.joinpath("calendars/cn.v1.json").read_text("utf-8")
    seed_definition(op, "calendar", "cn", shipped(calendar))  # type: ignore[arg-type]
    for name in ("complaint", "simple"):
        process = package.joinpath(f"definitions/{name}.v1.json").read_text("utf-8")
        seed_definition(op, "process", name, shipped(process))  # type: ignore[arg-type]
    for column in ("definition", "calendar"):
        op.drop_constraint(f"cases_{column}_{column}_version_fkey", "cases")
