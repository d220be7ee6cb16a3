"""The tables of forms: work in progress, what is retired, and the answers that complaints came with."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

form_drafts = sa.Table(
    "form_drafts",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False, comment="counts its saves"),
    sa.Column("document", sa.Text, nullable=False, comment="JSON, perhaps with faults"),
    sa.Column("based_on", sa.Integer, nullable=False, comment="published version; 0 for none"),
    sa.Column("saved_by", sa.Text, nullable=False),
    sa.Column("saved_at", _TIME, nullable=False),
)

# Only ever added to: a version published later than a retirement is in use again.
form_retirements = sa.Table(
    "form_retirements",
    metadata,
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="this version and those before it"),
    sa.Column("retired_by", sa.Text, nullable=False),
    sa.Column("retired_at", _TIME, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.PrimaryKeyConstraint("name", "version"),
)

complaint_forms = sa.Table(
    "complaint_forms",
    metadata,
    sa.Column("complaint_id", UUID, primary_key=True),
    sa.Column("form", sa.Text, nullable=False),
    sa.Column("form_version", sa.Integer, nullable=False),
    sa.Column("stage", sa.Text, nullable=False, comment="of the last answers"),
    sa.Column("data", JSONB, nullable=False, comment="answers that name nobody and are no fact of the complaint"),
    sa.Column("person_id", UUID, comment="whose key seals the rest"),
    sa.Column("sealed", sa.LargeBinary, comment="free text, names, addresses"),
    sa.Column("completeness", sa.Integer, nullable=False),
    sa.Column("filled_by", sa.Text, nullable=False),
    sa.Column("filled_at", _TIME, nullable=False),
    sa.CheckConstraint("completeness BETWEEN 0 AND 100", "complaint_forms_completeness_check"),
    sa.Index("complaint_forms_newest", "form", "filled_at", "complaint_id"),
)
