"""The catalogue of KPIs moves from the package into the table of published definitions."""

from importlib.resources import files

from alembic import op

from chassis.migrations import create_definitions, seed_definition, shipped

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    create_definitions(op)  # type: ignore[arg-type]
    text = files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8")
    seed_definition(op, "kpi-catalogue", "default", shipped(text), version=2)  # type: ignore[arg-type]
