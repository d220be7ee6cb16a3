"""Persons, their keys, and what is sealed under them."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_WITH_TEXTS = {"contacts": "note <> ''", "import_changes": "was <> '' OR now <> ''", "source_facts": "value <> ''"}
"""Table -> what tells that text stands in it in plain."""


def upgrade() -> None:
    _create_persons()
    _create_erasures()
    op.create_table(
        "index_key",
        sa.Column("one", sa.Boolean, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="what digests are keyed by; made once"),
        sa.PrimaryKeyConstraint("one"),
        sa.CheckConstraint("one", "index_key_one_check"),
    )
    for table, plain in _WITH_TEXTS.items():
        op.add_column(table, sa.Column("person_id", UUID))
        op.add_column(table, sa.Column("sealed", sa.LargeBinary))
        op.create_index(f"{table}_person", table, ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))
        op.create_index(
            f"{table}_plain", table, ["person_id"], postgresql_where=sa.text(f"({plain}) AND person_id IS NULL")
        )
    _seal_customers()
    _let_bytes_be_sealed()


def _create_persons() -> None:
    op.create_table(
        "persons",
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("sealed_key", sa.LargeBinary, comment="under the installation's key; gone once they are erased"),
        sa.Column("created_at", _TIME, nullable=False),
        sa.Column("erased_at", _TIME),
        sa.Column("hold_reason", sa.Text, nullable=False, server_default="", comment="why nothing may be erased"),
        sa.Column("held_by", sa.Text, nullable=False, server_default=""),
        sa.Column("held_at", _TIME),
        sa.PrimaryKeyConstraint("person_id"),
        sa.CheckConstraint("(sealed_key IS NULL) = (erased_at IS NOT NULL)", "persons_erased_check"),
    )
    op.create_table(
        "person_identities",
        sa.Column("digest", sa.Text, nullable=False, comment="keyed; of an e-mail, a telephone or a customer number"),
        sa.Column("person_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("digest"),
    )
    op.create_index("person_identities_person", "person_identities", ["person_id"])


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("erasure_id", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("person_id", UUID, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("requested_by", sa.Text, nullable=False),
        sa.Column("requested_at", _TIME, nullable=False),
        sa.Column("decided_by", sa.Text, nullable=False),
        sa.Column("decided_at", _TIME),
        sa.Column("decision_reason", sa.Text, nullable=False),
        sa.Column("complaints", sa.Integer, nullable=False, comment="how many were theirs when it was done"),
        sa.PrimaryKeyConstraint("erasure_id"),
        sa.CheckConstraint("state IN ('requested', 'refused', 'done')", "erasures_state_check"),
        sa.CheckConstraint("origin IN ('request', 'retention', 'replay')", "erasures_origin_check"),
    )
    op.create_index("erasures_newest", "erasures", ["requested_at", "erasure_id"])
    op.create_index(
        "erasures_open", "erasures", ["person_id"], unique=True, postgresql_where=sa.text("state = 'requested'")
    )


def _seal_customers() -> None:
    op.add_column(
        "customers", sa.Column("person_id", UUID, comment="whose key it is sealed with; null while the row is plain")
    )
    op.add_column(
        "customers",
        sa.Column("sealed", sa.LargeBinary, comment="name, e-mail, telephone and description; empty once erased"),
    )
    op.create_index("customers_person", "customers", ["person_id"], postgresql_where=sa.text("person_id IS NOT NULL"))
    op.create_index("customers_plain", "customers", ["customer_id"], postgresql_where=sa.text("person_id IS NULL"))
    op.alter_column("complaints", "description", server_default="", comment="empty where it is sealed")
    op.alter_column("contacts", "note", comment="empty where it is sealed")
    op.add_column("complaints", sa.Column("identity_protected", sa.Boolean, nullable=False, server_default="false"))
    op.add_column(
        "complaints",
        sa.Column("closed_at", _TIME, comment="when the case was closed; what retention counts from"),
    )
    # When those were closed nobody wrote down: their retention counts from today, late rather than early.
    op.execute("UPDATE complaints SET closed_at = coalesce(t_closed, now()) WHERE state = 'closed'")
    op.create_index("complaints_closed", "complaints", ["closed_at"], postgresql_where=sa.text("closed_at IS NOT NULL"))


def _let_bytes_be_sealed() -> None:
    """The runtime role may change no bytes of a submission; this does it for those that still stand in plain."""
    op.execute(
        """CREATE FUNCTION seal_submission_bytes(id uuid, pieces bytea[]) RETURNS void LANGUAGE plpgsql
          SECURITY DEFINER SET search_path = public AS $$ BEGIN
          PERFORM FROM submissions WHERE submission_id = id AND person_id IS NULL;
          IF NOT FOUND THEN RAISE EXCEPTION 'submission % is sealed already', id; END IF;
          DELETE FROM submission_bytes WHERE submission_id = id;
          INSERT INTO submission_bytes (submission_id, n, raw)
            SELECT id, piece.n - 1, piece.raw FROM unnest(pieces) WITH ORDINALITY AS piece(raw, n);
        END $$"""
    )
