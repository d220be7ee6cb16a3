"""Forms: the profiles that are shipped, drafts, retirements, and what was filled in."""

from importlib.resources import files

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from chassis.migrations import seed_definition, shipped

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_PROFILES = ("general", "automotive", "medical", "small_firm")


def upgrade() -> None:
    _create_drafts()
    _create_answers()
    for name in _PROFILES:
        text = files("intake").joinpath(f"definitions/form.{name}.v1.json").read_text("utf-8")
        seed_definition(op, "form", name, shipped(text))  # type: ignore[arg-type]


def _create_drafts() -> None:
    op.create_table(
        "form_drafts",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="counts its saves"),
        sa.Column("document", sa.Text, nullable=False, comment="JSON, perhaps with faults"),
        sa.Column("based_on", sa.Integer, nullable=False, comment="published version; 0 for none"),
        sa.Column("saved_by", sa.Text, nullable=False),
        sa.Column("saved_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "form_retirements",
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="this version and those before it"),
        sa.Column("retired_by", sa.Text, nullable=False),
        sa.Column("retired_at", _TIME, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("name", "version"),
    )


def _create_answers() -> None:
    op.create_table(
        "complaint_forms",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("form", sa.Text, nullable=False),
        sa.Column("form_version", sa.Integer, nullable=False),
        sa.Column("stage", sa.Text, nullable=False, comment="of the last answers"),
        sa.Column("data", JSONB, nullable=False, comment="answers that name nobody and are no fact of the complaint"),
        sa.Column("person_id", UUID, comment="whose key seals the rest"),
        sa.Column("sealed", sa.LargeBinary, comment="free text, names, addresses"),
        sa.Column("completeness", sa.Integer, nullable=False),
        sa.Column("filled_by", sa.Text, nullable=False),
        sa.Column("filled_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id"),
        sa.CheckConstraint("completeness BETWEEN 0 AND 100", "complaint_forms_completeness_check"),
    )
    op.create_index("complaint_forms_newest", "complaint_forms", ["form", "filled_at", "complaint_id"])
