"""Persons with their keys, and what may be found by their identities. Nothing here tells who they are."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

persons = sa.Table(
    "persons",
    metadata,
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("sealed_key", sa.LargeBinary, comment="under the installation's key; gone once they are erased"),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("erased_at", _TIME),
    sa.Column("hold_reason", sa.Text, nullable=False, server_default="", comment="why nothing may be erased"),
    sa.Column("held_by", sa.Text, nullable=False, server_default=""),
    sa.Column("held_at", _TIME),
    sa.CheckConstraint("(sealed_key IS NULL) = (erased_at IS NOT NULL)", "persons_erased_check"),
)

person_identities = sa.Table(
    "person_identities",
    metadata,
    sa.Column("digest", sa.Text, primary_key=True, comment="keyed; of an e-mail, a telephone or a customer number"),
    sa.Column("person_id", UUID, nullable=False),
    sa.Index("person_identities_person", "person_id"),
)

index_key = sa.Table(
    "index_key",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="what digests are keyed by; made once"),
)

erasures = sa.Table(
    "erasures",
    metadata,
    sa.Column("erasure_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("person_id", UUID, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state IN ('requested', 'refused', 'done')"), nullable=False),
    sa.Column("origin", sa.Text, sa.CheckConstraint("origin IN ('request', 'retention', 'replay')"), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("requested_by", sa.Text, nullable=False),
    sa.Column("requested_at", _TIME, nullable=False),
    sa.Column("decided_by", sa.Text, nullable=False),
    sa.Column("decided_at", _TIME),
    sa.Column("decision_reason", sa.Text, nullable=False),
    sa.Column("complaints", sa.Integer, nullable=False, comment="how many were theirs when it was done"),
    sa.Index("erasures_newest", "requested_at", "erasure_id"),
    # One open request per person: two people who ask at once ask for the same.
    sa.Index("erasures_open", "person_id", unique=True, postgresql_where=sa.text("state = 'requested'")),
)
