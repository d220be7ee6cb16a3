"""What is searched by. Nothing here can be read as words: terms are keyed digests (domain/search/terms.py)."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

complaint_terms = sa.Table(
    "complaint_terms",
    metadata,
    sa.Column("doc", sa.BigInteger, primary_key=True, autoincrement=False, comment="in the order of registration"),
    sa.Column("complaint_id", UUID, nullable=False, unique=True),
    sa.Column("terms", ARRAY(sa.Integer), nullable=False, comment="of the description"),
    sa.Column("coded", ARRAY(sa.Integer), nullable=False, comment="of coded fields, and single characters"),
)

term_postings = sa.Table(
    "term_postings",
    metadata,
    sa.Column("term", sa.Integer),
    sa.Column("segment", sa.Integer, comment="of 32,768 complaints: doc >> 15"),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("docs", sa.LargeBinary, nullable=False, comment="doc & 32767 of each, two bytes, ascending"),
    sa.PrimaryKeyConstraint("term", "segment"),
)

term_blocks = sa.Table(
    "term_blocks",
    metadata,
    sa.Column("block", sa.BigInteger, primary_key=True, autoincrement=False, comment="of 128 complaints: doc / 128"),
    sa.Column("body", sa.LargeBinary, nullable=False, comment="terms in order, then which of the complaints has each"),
)

search_state = sa.Table(
    "search_state",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one", name="search_state_one"), primary_key=True),
    sa.Column("indexed_to", _TIME, nullable=False, comment="nothing registered before is missing"),
    sa.Column("next_doc", sa.BigInteger, nullable=False),
    sa.Column("posted_doc", sa.BigInteger, nullable=False, comment="from here on there are no postings yet"),
    sa.Column("rebuilding", sa.Boolean, nullable=False, server_default=sa.false()),
)

search_changes = sa.Table(
    "search_changes",
    metadata,
    sa.Column("change_id", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("doc", sa.BigInteger, comment="of a complaint whose terms were taken away"),
    sa.Column("terms", ARRAY(sa.Integer), comment="those that were taken away"),
    comment="complaints whose terms no longer fit, written by triggers, taken away by the indexer",
)

saved_views = sa.Table(
    "saved_views",
    metadata,
    sa.Column("view_id", UUID, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("owner", sa.Text, nullable=False),
    sa.Column("shared", sa.Boolean, nullable=False),
    sa.Column("filters", JSONB, nullable=False),
    sa.Column("columns", ARRAY(sa.Text), nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
    sa.UniqueConstraint("owner", "name"),
    sa.Index("saved_views_shared", "name", "view_id", postgresql_where=sa.text("shared")),
)
