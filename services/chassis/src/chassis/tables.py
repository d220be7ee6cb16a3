"""The chassis's tables, one set in every service's database. Partitioned ones are created by chassis.partitions."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

metadata = sa.MetaData()
_TIME = TIMESTAMP(timezone=True)

outbox = sa.Table(
    "outbox",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("id", UUID, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("sequence", sa.Integer, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("stream_seq", sa.BigInteger),
    sa.PrimaryKeyConstraint("created_at", "seq"),
    sa.Index("outbox_unsent", "seq", postgresql_where=sa.text("stream_seq IS NULL")),
    sa.Index("outbox_stream_seq", "stream_seq", postgresql_where=sa.text("stream_seq IS NOT NULL")),
    postgresql_partition_by="RANGE (created_at)",
)

inbox = sa.Table(
    "inbox",
    metadata,
    sa.Column("event_time", _TIME, nullable=False),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("event_id", UUID, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("handled_at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("event_time", "consumer", "event_id"),
    postgresql_partition_by="RANGE (event_time)",
)

dead_letter = sa.Table(
    "dead_letter",
    metadata,
    sa.Column("id", UUID, primary_key=True),
    sa.Column("consumer", sa.Text, nullable=False),
    sa.Column("stream", sa.Text, nullable=False),
    sa.Column("stream_seq", sa.BigInteger, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("deliveries", sa.Integer, nullable=False),
    sa.Column("parked_at", _TIME, nullable=False),
    sa.Column("replayed_at", _TIME),
    sa.Column("discarded_at", _TIME),
    sa.Column("discard_reason", sa.Text),
    sa.UniqueConstraint("consumer", "event_id"),
)

audit = sa.Table(
    "audit",
    metadata,
    sa.Column("seq", sa.BigInteger, sa.Identity(always=True), primary_key=True),
    sa.Column("aggregate_type", sa.Text, nullable=False),
    sa.Column("aggregate_id", sa.Text, nullable=False),
    sa.Column("n", sa.Integer, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("on_behalf_of", sa.Text),
    sa.Column("action", sa.Text, nullable=False),
    sa.Column("changes", sa.Text, nullable=False, comment="canonical JSON as hashed: field -> [old, new]"),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("hash", sa.LargeBinary, nullable=False),
    sa.UniqueConstraint("aggregate_id", "n"),
)

idempotency = sa.Table(
    "idempotency",
    metadata,
    sa.Column("actor", sa.Text, nullable=False),
    sa.Column("key", sa.Text, nullable=False),
    sa.Column("body_hash", sa.LargeBinary, nullable=False),
    sa.Column("reply", sa.LargeBinary),
    sa.Column("at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("actor", "key"),
    sa.Index("idempotency_at", "at"),
)

lease = sa.Table(
    "lease",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("until", _TIME, nullable=False),
)
