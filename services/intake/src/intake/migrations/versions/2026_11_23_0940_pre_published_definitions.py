"""The grading table moves from the package into the table of published definitions."""

from importlib.resources import files

from alembic import op

from chassis.migrations import create_definitions, seed_definition, shipped

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_definitions(op)  # type: ignore[arg-type]
    text = files("intake").joinpath("definitions/grading.default.v1.json").read_text("utf-8")
    seed_definition(op, "grading-table", "default", shipped(text))  # type: ignore[arg-type]
