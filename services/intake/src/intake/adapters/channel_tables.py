"""The registry of channels, what was counted and said by each, and what public bodies were answered."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

channels = sa.Table(
    "channels",
    metadata,
    sa.Column("channel_id", sa.Text, primary_key=True, comment="its name"),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("channel", sa.Text, nullable=False, comment="the coarse word that figures count by"),
    sa.Column("label_zh", sa.Text, nullable=False),
    sa.Column("label_en", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("default_form", sa.Text, nullable=False),
    sa.Column("product_family", sa.Text, nullable=False),
    sa.Column("mapping", JSONB, nullable=False),
    sa.Column("options", JSONB, nullable=False),
    sa.Column("enabled", sa.Boolean, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("changed_at", _TIME, nullable=False),
)

channel_secrets = sa.Table(
    "channel_secrets",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channels.channel_id", ondelete="CASCADE")),
    sa.Column("name", sa.Text),
    sa.Column("set_at", _TIME),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("set_by", sa.Text, nullable=False),
    sa.Column("valid_until", _TIME, comment="of one that was replaced"),
    sa.PrimaryKeyConstraint("channel_id", "name", "set_at"),
)

channel_counts = sa.Table(
    "channel_counts",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channels.channel_id", ondelete="CASCADE")),
    sa.Column("day", sa.Date),
    sa.Column("outcome", sa.Text),
    sa.Column("n", sa.BigInteger, nullable=False),
    sa.Column("last_at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("channel_id", "day", "outcome"),
)

channel_conversations = sa.Table(
    "channel_conversations",
    metadata,
    sa.Column("channel_id", sa.Text, sa.ForeignKey("channels.channel_id", ondelete="CASCADE")),
    sa.Column("sender", sa.Text, comment="a keyed digest"),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("last_at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("channel_id", "sender"),
    sa.Index("channel_conversations_complaint", "complaint_id"),
)

answers_back = sa.Table(
    "answers_back",
    metadata,
    sa.Column("complaint_id", UUID, primary_key=True),
    sa.Column("person_id", UUID, nullable=False, comment="whose key it is sealed with"),
    sa.Column("sealed", sa.LargeBinary, nullable=False, comment="what the public body was answered"),
    sa.Column("at", _TIME, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
)
