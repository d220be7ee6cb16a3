import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

metadata = sa.MetaData()
_TIME = TIMESTAMP(timezone=True)

person = sa.Table(
    "person",
    metadata,
    sa.Column("person_id", UUID, primary_key=True),
    sa.Column("account", sa.Text, nullable=False, unique=True, comment="casefolded"),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("password_hash", sa.Text, nullable=False),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("department", sa.Text),
    sa.Column("lead", sa.Boolean, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("disabled_at", _TIME),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.CheckConstraint("language IN ('zh', 'en')", name="person_language"),
)

api_key = sa.Table(
    "api_key",
    metadata,
    sa.Column("key_id", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("secret_hash", sa.LargeBinary, nullable=False, comment="HMAC-SHA256 with the pepper"),
    sa.Column("roles", ARRAY(sa.Text), nullable=False),
    sa.Column("scope", JSONB, nullable=False),
    sa.Column("rate_per_s", sa.Float),
    sa.Column("created_by", sa.Text, nullable=False),
    sa.Column("created_at", _TIME, nullable=False),
    sa.Column("revoked_at", _TIME),
)

sign_in_failure = sa.Table(
    "sign_in_failure",
    metadata,
    sa.Column("account", sa.Text, primary_key=True, comment="as tried, known or not"),
    sa.Column("network", sa.Text, primary_key=True, comment="that it was tried from"),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", _TIME, nullable=False, index=True),
    sa.Column("blocked_until", _TIME, nullable=False),
)

sign_in_place = sa.Table(
    "sign_in_place",
    metadata,
    sa.Column("account", sa.Text, primary_key=True),
    sa.Column("network", sa.Text, primary_key=True, comment="that the person has signed in from"),
    sa.Column("last_at", _TIME, nullable=False, index=True),
)
