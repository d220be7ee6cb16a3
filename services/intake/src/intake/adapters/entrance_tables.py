"""What files said about complaints that were there already."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from intake.adapters.tables import metadata, sealed

_TIME = TIMESTAMP(timezone=True)

import_changes = sa.Table(
    "import_changes",
    metadata,
    sa.Column("import_id", UUID, sa.ForeignKey("imports.import_id")),
    sa.Column("n", sa.Integer),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("field", sa.Text, nullable=False),
    sa.Column("was", sa.Text, nullable=False),
    sa.Column("now", sa.Text, nullable=False),
    *sealed("import_changes", "was <> '' OR now <> ''"),
    sa.PrimaryKeyConstraint("import_id", "n"),
)

source_facts = sa.Table(
    "source_facts",
    metadata,
    sa.Column("complaint_id", UUID),
    sa.Column("name", sa.Text),
    sa.Column("value", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    *sealed("source_facts", "value <> ''"),
    sa.PrimaryKeyConstraint("complaint_id", "name"),
)
