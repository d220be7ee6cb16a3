"""Letters' templates move from the package into the table of published definitions, each under its number."""

from importlib.resources import files

from alembic import op

from chassis.migrations import create_definitions, seed_definition, shipped

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_definitions(op)  # type: ignore[arg-type]
    for version in (1, 2):
        text = files("notify").joinpath(f"definitions/templates.v{version}.json").read_text("utf-8")
        seed_definition(op, "letter-templates", "default", shipped(text), version=version)  # type: ignore[arg-type]
