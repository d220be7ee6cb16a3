"""How far complaints were compared by their texts. The texts themselves are read where they are sealed."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import TIMESTAMP, UUID

from intake.adapters.tables import metadata

_TIME = TIMESTAMP(timezone=True)

likeness_state = sa.Table(
    "likeness_state",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one", name="likeness_state_one"), primary_key=True),
    sa.Column("compared_to", _TIME, nullable=False, comment="t_registered of the newest complaint compared"),
    sa.Column("compared_id", UUID, nullable=False, comment="its id: several may share a time"),
)

likeness_again = sa.Table(
    "likeness_again",
    metadata,
    sa.Column("complaint_id", UUID, primary_key=True),
    comment="complaints that were corrected: their texts are compared anew",
)
