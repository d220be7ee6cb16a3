"""What is searched by; saved views."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
# As intake.domain.search.terms says: the coded fields that a complaint is found by. The sealed text is no trigger's
# business: it is sealed anew without being another.
_INDEXED = (
    *("product_family", "product_model", "lot", "serial", "defect_code", "failure_location", "customer_ref"),
    *("channel", "language", "remedy_wanted", "grade", "repeat_level", "key_account", "registered_by"),
)


def upgrade() -> None:
    _create_terms()
    _create_state()
    _create_views()
    # Few are late: those that are not pay nothing for it.
    op.execute(
        "CREATE INDEX complaints_late ON complaints (t_registered, complaint_id)"
        " WHERE t_registered - t_received > interval '24 hours'"
    )
    _note_changes()


def _create_terms() -> None:
    op.create_table(
        "complaint_terms",
        sa.Column("doc", sa.BigInteger, nullable=False, comment="in the order of registration"),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("terms", ARRAY(sa.Integer), nullable=False, comment="of the description"),
        sa.Column("coded", ARRAY(sa.Integer), nullable=False, comment="of coded fields, and single characters"),
        sa.PrimaryKeyConstraint("doc"),
        sa.UniqueConstraint("complaint_id"),
    )
    op.create_table(
        "term_postings",
        sa.Column("term", sa.Integer, nullable=False),
        sa.Column("segment", sa.Integer, nullable=False, comment="of 32,768 complaints: doc >> 15"),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("docs", sa.LargeBinary, nullable=False, comment="doc & 32767 of each, two bytes, ascending"),
        sa.PrimaryKeyConstraint("term", "segment"),
    )
    op.create_table(
        "term_blocks",
        sa.Column("block", sa.BigInteger, nullable=False, comment="of 128 complaints: doc / 128"),
        sa.Column(
            "body", sa.LargeBinary, nullable=False, comment="terms in order, then which of the complaints has each"
        ),
        sa.PrimaryKeyConstraint("block"),
    )
    op.execute("ALTER TABLE term_blocks ALTER body SET STORAGE EXTERNAL")
    # Digests and packed numbers do not become smaller; trying costs more than half of a write.
    op.execute("ALTER TABLE complaint_terms ALTER terms SET STORAGE EXTERNAL, ALTER coded SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE term_postings ALTER docs SET STORAGE EXTERNAL, SET (fillfactor = 80)")


def _create_state() -> None:
    op.create_table(
        "search_state",
        sa.Column("one", sa.Boolean, nullable=False),
        sa.Column("indexed_to", _TIME, nullable=False, comment="nothing registered before is missing"),
        sa.Column("next_doc", sa.BigInteger, nullable=False),
        sa.Column("posted_doc", sa.BigInteger, nullable=False, comment="from here on there are no postings yet"),
        sa.Column("rebuilding", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("one"),
        sa.CheckConstraint("one", name="search_state_one"),
    )
    op.execute("INSERT INTO search_state VALUES (true, '1970-01-01Z', 0, 0)")
    op.create_table(
        "search_changes",
        sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("doc", sa.BigInteger, comment="of a complaint whose terms were taken away"),
        sa.Column("terms", ARRAY(sa.Integer), comment="those that were taken away"),
        sa.PrimaryKeyConstraint("change_id"),
        comment="complaints whose terms no longer fit, written by triggers, taken away by the indexer",
    )


def _create_views() -> None:
    op.create_table(
        "saved_views",
        sa.Column("view_id", UUID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("owner", sa.Text, nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("filters", JSONB, nullable=False),
        sa.Column("columns", ARRAY(sa.Text), nullable=False),
        sa.Column("changed_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("view_id"),
        sa.UniqueConstraint("owner", "name"),
    )
    op.create_index("saved_views_shared", "saved_views", ["name", "view_id"], postgresql_where=sa.text("shared"))


def _note_changes() -> None:
    """Whoever corrects a complaint, in whichever replica, says so in the same transaction: no change can be missed."""
    op.execute(
        "CREATE FUNCTION note_search_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO search_changes (complaint_id) VALUES (NEW.complaint_id); RETURN NULL; END $$"
    )
    differs = " OR ".join(f"OLD.{name} IS DISTINCT FROM NEW.{name}" for name in _INDEXED)
    op.execute(
        f"CREATE TRIGGER complaints_search_change AFTER UPDATE OF {', '.join(_INDEXED)} ON complaints"
        f" FOR EACH ROW WHEN ({differs}) EXECUTE FUNCTION note_search_change()"
    )
    # Whoever erases the terms of a complaint leaves the indexer to take them out of the postings.
    op.execute(
        "CREATE FUNCTION note_terms_gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        " INSERT INTO search_changes (complaint_id, doc, terms)"
        " VALUES (OLD.complaint_id, OLD.doc, OLD.terms || OLD.coded); RETURN NULL; END $$"
    )
    op.execute(
        "CREATE TRIGGER complaint_terms_gone AFTER DELETE ON complaint_terms FOR EACH ROW"
        " WHEN (current_setting('redress.rebuilding', true) IS DISTINCT FROM 'on')"
        " EXECUTE FUNCTION note_terms_gone()"
    )
