"""The registry of channels with its secrets and figures; which channel a complaint came by, and answers due back."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, TIMESTAMP, UUID

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_THERE_FROM_THE_START = (
    ("api", "api", "api", "接口", "API"),
    ("web", "web_form", "web", "网页表单", "Web form"),
    ("phone", "phone", "phone", "电话", "Telephone"),
    ("paper", "paper", "paper", "信函", "Letter"),
    ("mail", "mail", "mail", "电子邮件", "E-mail"),
    ("file", "file", "file", "文件导入", "File import"),
    ("social", "social", "social", "社交媒体", "Social media"),
)


def upgrade() -> None:
    _extend_complaints()
    _create_channels()
    _create_channel_secrets()
    _create_channel_counts()
    _create_channel_conversations()
    _create_answers_back()
    _register_what_is_there()


def _extend_complaints() -> None:
    op.add_column("complaints", sa.Column("channel_id", sa.Text, comment="of the registry of channels"))
    op.add_column("complaints", sa.Column("taken_by", sa.Text))
    op.add_column("complaints", sa.Column("answer_due", _TIME, comment="when a public body wants its answer"))
    op.add_column("complaints", sa.Column("answered_at", _TIME))
    op.drop_index("complaints_external_id", "complaints")
    op.create_index(
        "complaints_external_id",
        "complaints",
        ["external_id", "channel", sa.text("coalesce(channel_id, '')")],
        unique=True,
    )
    op.create_index(
        "complaints_by_channel_id",
        "complaints",
        ["channel_id", "t_registered"],
        postgresql_where=sa.text("channel_id IS NOT NULL"),
    )
    op.create_index(
        "complaints_answer_due",
        "complaints",
        ["answer_due", "complaint_id"],
        postgresql_where=sa.text("answer_due IS NOT NULL"),
    )


def _create_channels() -> None:
    op.create_table(
        "channels",
        sa.Column("channel_id", sa.Text, nullable=False, comment="its name"),
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
        sa.PrimaryKeyConstraint("channel_id"),
    )


def _create_channel_secrets() -> None:
    op.create_table(
        "channel_secrets",
        sa.Column("channel_id", sa.Text, _its_channel(), nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("set_at", _TIME, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sa.Column("set_by", sa.Text, nullable=False),
        sa.Column("valid_until", _TIME, comment="of one that was replaced"),
        sa.PrimaryKeyConstraint("channel_id", "name", "set_at"),
    )


def _create_channel_counts() -> None:
    op.create_table(
        "channel_counts",
        sa.Column("channel_id", sa.Text, _its_channel(), nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("outcome", sa.Text, nullable=False),
        sa.Column("n", sa.BigInteger, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "day", "outcome"),
    )


def _create_channel_conversations() -> None:
    op.create_table(
        "channel_conversations",
        sa.Column("channel_id", sa.Text, _its_channel(), nullable=False),
        sa.Column("sender", sa.Text, nullable=False, comment="a keyed digest"),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("last_at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("channel_id", "sender"),
    )
    op.create_index("channel_conversations_complaint", "channel_conversations", ["complaint_id"])


def _create_answers_back() -> None:
    op.create_table(
        "answers_back",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("person_id", UUID, nullable=False, comment="whose key it is sealed with"),
        sa.Column("sealed", sa.LargeBinary, nullable=False, comment="what the public body was answered"),
        sa.Column("at", _TIME, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id"),
    )


def _its_channel() -> sa.ForeignKey:
    return sa.ForeignKey("channels.channel_id", ondelete="CASCADE")


def _register_what_is_there() -> None:
    for channel_id, kind, channel, zh, en in _THERE_FROM_THE_START:
        op.execute(
            sa.text(
                "INSERT INTO channels (channel_id, version, kind, channel, label_zh, label_en, language, default_form,"
                " product_family, mapping, options, enabled, created_at, changed_at)"
                " VALUES (:id, 1, :kind, :channel, :zh, :en, '', '', '', '{}', '{}', true, now(), now())"
            ).bindparams(id=channel_id, kind=kind, channel=channel, zh=zh, en=en)
        )
