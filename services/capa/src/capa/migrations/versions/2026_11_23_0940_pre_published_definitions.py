"""The rules move from the package into the table of published definitions."""

from importlib.resources import files

from alembic import op

from chassis.migrations import create_definitions, seed_definition, shipped

revision = "2026_11_23_0940"
down_revision = "2026_11_23_0900"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_definitions(op)  # type: ignore[arg-type]
    text = files("capa").joinpath("definitions/rules.v1.json").read_text("utf-8")
    seed_definition(op, "capa-rules", "default", shipped(text))  # type: ignore[arg-type]
