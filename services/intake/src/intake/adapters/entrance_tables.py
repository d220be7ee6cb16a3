"""Files that came in: what became of their rows, and what they said about complaints that were there already."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata, sealed

_TIME = TIMESTAMP(timezone=True)

imports = sa.Table(
    "imports",
    metadata,
    sa.Column("import_id", UUID, primary_key=True),
    sa.Column("file_name", sa.Text, nullable=False),
    sa.Column("mapping", JSONB, nullable=False),
    sa.Column("historical", sa.Boolean, nullable=False),
    sa.Column(
        "state",
        sa.Text,
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'stopped')"),
        nullable=False,
    ),
    sa.Column("encoding", sa.Text, nullable=False),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("registered", sa.Integer, nullable=False),
    sa.Column("existing", sa.Integer, nullable=False),
    sa.Column("rejected", sa.Integer, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("started_by", sa.Text, nullable=False),
    sa.Column("started_at", _TIME, nullable=False),
    sa.Column("finished_at", _TIME),
    *(sa.Column(name, sa.Text, nullable=False, server_default="") for name in ("format", "line_ends")),
    *(sa.Column(name, sa.Text, nullable=False, server_default="") for name in ("delimiter", "sheet")),
    sa.Column("changed", sa.Integer, nullable=False, server_default="0"),
    sa.Column("notes", JSONB, nullable=False, server_default="[]"),
    *(
        sa.Column(name, sa.Boolean, nullable=False, server_default="false")
        for name in ("dry_run", "background", "stored")
    ),
    *(sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in ("size", "bytes_read")),
    *(
        sa.Column(name, sa.Integer, nullable=False, server_default="0")
        for name in ("urgent", "important", "routine", "proposals")
    ),
    sa.Column("wanted_sheet", sa.Text),
    sa.Column("started_roles", ARRAY(sa.Text), nullable=False, server_default="{}"),
    sa.Index("imports_newest", "started_at", "import_id"),
    sa.Index("imports_stored", "started_at", postgresql_where=sa.text("stored")),
)

import_mappings = sa.Table(
    "import_mappings",
    metadata,
    sa.Column("mapping_name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("document", JSONB, nullable=False),
    sa.Column("changed_by", sa.Text, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
)

import_rows = sa.Table(
    "import_rows",
    metadata,
    sa.Column("import_id", UUID, sa.ForeignKey("imports.import_id")),
    sa.Column("n", sa.Integer),
    sa.Column("line", sa.Integer, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("import_id", "n"),
)

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
