"""The tables of intake. Personal data and free text are sealed in `customers`, so that they can be erased without the
complaint; their plain columns hold what was registered before there were keys, until the worker has sealed it."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.definition_store import published_definitions

metadata = sa.MetaData()
_TIME = TIMESTAMP(timezone=True)
_GRADES = "('urgent', 'important', 'routine')"
_ANSWERS = "('yes', 'no', 'unknown')"


def _answer(name: str) -> sa.Column[str]:
    return sa.Column(name, sa.Text, sa.CheckConstraint(f"{name} IN {_ANSWERS}"), nullable=False)


def sealed(table: str, plain: str) -> tuple[sa.schema.SchemaItem, ...]:
    """What is sealed for a person beside the row's plain columns."""
    return (
        sa.Column("person_id", UUID),
        sa.Column("sealed", sa.LargeBinary),
        sa.Index(f"{table}_person", "person_id", postgresql_where=sa.text("person_id IS NOT NULL")),
        # What the worker has still to seal; nothing new comes into it.
        sa.Index(f"{table}_plain", "person_id", postgresql_where=sa.text(f"({plain}) AND person_id IS NULL")),
    )


definitions = published_definitions(metadata)
complaint_number = sa.Sequence("complaint_number", metadata=metadata)

customers = sa.Table(
    "customers",
    metadata,
    sa.Column("customer_id", UUID, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("email", sa.Text),
    sa.Column("phone", sa.Text),
    sa.Column("person_id", UUID, comment="whose key it is sealed with; null while the row is plain"),
    sa.Column("sealed", sa.LargeBinary, comment="name, e-mail, telephone and description; empty once erased"),
    sa.Index("customers_person", "person_id", postgresql_where=sa.text("person_id IS NOT NULL")),
    sa.Index("customers_plain", "customer_id", postgresql_where=sa.text("person_id IS NULL")),
)

complaints = sa.Table(
    "complaints",
    metadata,
    sa.Column("complaint_id", UUID, primary_key=True),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint("state IN ('open', 'closed', 'merged')"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("language", sa.Text, nullable=False),
    sa.Column("external_id", sa.Text),
    sa.Column("customer_id", UUID, sa.ForeignKey("customers.customer_id"), nullable=False),
    sa.Column("customer_ref", sa.Text),
    sa.Column("product_family", sa.Text, nullable=False),
    sa.Column("product_model", sa.Text),
    sa.Column("lot", sa.Text),
    sa.Column("serial", sa.Text),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("description", sa.Text, nullable=False, server_default="", comment="empty where it is sealed"),
    sa.Column("identity_protected", sa.Boolean, nullable=False, server_default="false"),
    sa.Column("defect_code", sa.Text),
    sa.Column("failure_location", sa.Text),
    sa.Column("remedy_wanted", sa.Text),
    sa.Column("t_occurred", _TIME),
    sa.Column("t_aware", _TIME, nullable=False),
    sa.Column("t_received", _TIME, nullable=False),
    sa.Column("t_registered", _TIME, nullable=False),
    sa.Column("t_closed", _TIME),
    _answer("injury_or_fire"),
    _answer("legal"),
    _answer("main_function_lost"),
    _answer("several_affected"),
    _answer("core_business_stopped"),
    _answer("key_account"),
    _answer("media"),
    sa.Column("customer_deadline", _TIME),
    sa.Column("safety_not_asked", sa.Boolean, nullable=False),
    sa.Column("historical", sa.Boolean, nullable=False),
    sa.Column("grade", sa.Text, sa.CheckConstraint(f"grade IN {_GRADES}"), nullable=False),
    sa.Column("questions", ARRAY(sa.Text), nullable=False),
    sa.Column("cell", sa.Text, comment="product family and defect code, normalised"),
    sa.Column("signature_base", sa.Text, comment="the cell and the failure location"),
    sa.Column("signature", sa.Text, comment="the base, and the lot where known"),
    sa.Column("lot_key", sa.Text, comment="product family and lot, normalised"),
    sa.Column("open_proposals", sa.Integer, nullable=False),
    sa.Column("case_sequence", sa.Integer, nullable=False, server_default="0", comment="newest case event applied"),
    sa.Column("repeat_level", sa.Text),
    sa.Column("merged_into", UUID, sa.ForeignKey("complaints.complaint_id")),
    sa.Column("registered_by", sa.Text, nullable=False),
    sa.Column("closed_at", _TIME, comment="when the case was closed; what retention counts from"),
    sa.Column("channel_id", sa.Text, comment="of the registry of channels"),
    sa.Column("taken_by", sa.Text),
    sa.Column("answer_due", _TIME, comment="when a public body wants its answer"),
    sa.Column("answered_at", _TIME),
    # Two public bodies may give the same number; without a channel of the registry its word alone counts.
    sa.Index("complaints_external_id", "external_id", "channel", sa.text("coalesce(channel_id, '')"), unique=True),
    sa.Index(
        "complaints_by_channel_id", "channel_id", "t_registered", postgresql_where=sa.text("channel_id IS NOT NULL")
    ),
    sa.Index("complaints_answer_due", "answer_due", "complaint_id", postgresql_where=sa.text("answer_due IS NOT NULL")),
    sa.Index("complaints_newest", "t_registered", "complaint_id"),
    sa.Index("complaints_closed", "closed_at", postgresql_where=sa.text("closed_at IS NOT NULL")),
    # For filters of the list that few complaints may pass. Grade, state and channel go by the newest instead: an index
    # for each cost a registration a tenth of its PostgreSQL time.
    *(
        sa.Index(f"complaints_by_{name}", name, "t_registered", "complaint_id")
        for name in ("product_family", "defect_code")
    ),
    sa.Index("complaints_newest_merged", "t_registered", "complaint_id", postgresql_where=sa.text("state = 'merged'")),
    sa.Index(
        "complaints_questions", "t_registered", "complaint_id", postgresql_where=sa.text("cardinality(questions) > 0")
    ),
    sa.Index("complaints_proposals", "t_registered", "complaint_id", postgresql_where=sa.text("open_proposals > 0")),
    sa.Index(
        "complaints_late",
        "t_registered",
        "complaint_id",
        postgresql_where=sa.text("t_registered - t_received > interval '24 hours'"),
    ),
    sa.Index("complaints_own", "registered_by", "t_registered", "complaint_id"),
    sa.Index("complaints_cell", "cell", "t_received", postgresql_where=sa.text("cell IS NOT NULL")),
    sa.Index("complaints_base", "signature_base", "t_received", postgresql_where=sa.text("cell IS NOT NULL")),
    sa.Index("complaints_lot", "lot_key", "t_received", postgresql_where=sa.text("lot_key IS NOT NULL")),
    sa.Index("complaints_merged", "merged_into", postgresql_where=sa.text("merged_into IS NOT NULL")),
    # For the scope of a model or of a range of serials; who gives neither pays for neither.
    sa.Index(
        "complaints_by_model",
        *("product_model", "t_registered", "complaint_id"),
        postgresql_where=sa.text("product_model IS NOT NULL"),
    ),
    sa.Index("complaints_by_serial", "serial", postgresql_where=sa.text("serial IS NOT NULL")),
)

# No foreign keys on what the hot path writes beside the complaint, in one transaction: each would be a look-up per row.
customer_keys = sa.Table(
    "customer_keys",
    metadata,
    sa.Column("key", sa.Text, comment="digest of customer number, e-mail or telephone"),
    sa.Column("t_received", _TIME),
    sa.Column("complaint_id", UUID),
    sa.PrimaryKeyConstraint("key", "t_received", "complaint_id"),
    sa.Index("customer_keys_complaint", "complaint_id"),
)

cell_days = sa.Table(
    "cell_days",
    metadata,
    sa.Column("cell", sa.Text),
    sa.Column("day", sa.Date),
    sa.Column("n", sa.Integer, nullable=False, comment="complaints received, without merged ones"),
    sa.PrimaryKeyConstraint("cell", "day"),
    sa.Index("cell_days_day", "day"),
)

gradings = sa.Table(
    "gradings",
    metadata,
    sa.Column("complaint_id", UUID),
    sa.Column("n", sa.Integer),
    sa.Column("grade", sa.Text, sa.CheckConstraint(f"grade IN {_GRADES}"), nullable=False),
    sa.Column("source", sa.Text, sa.CheckConstraint("source IN ('table', 'override')"), nullable=False),
    sa.Column("table_name", sa.Text, nullable=False),
    sa.Column("table_version", sa.Integer, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("inputs", JSONB, nullable=False),
    sa.Column("reason_code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    sa.PrimaryKeyConstraint("complaint_id", "n"),
    sa.Index("gradings_wrong", "at", "complaint_id", postgresql_where=sa.text("reason_code = 'wrong_then'")),
)

proposals = sa.Table(
    "proposals",
    metadata,
    sa.Column("proposal_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, nullable=False),
    sa.Column("other_complaint_id", UUID, nullable=False),
    sa.Column("level", sa.Text, sa.CheckConstraint("level IN ('duplicate', 'R1', 'R2')"), nullable=False),
    sa.Column("score", sa.Double, nullable=False),
    sa.Column("basis", sa.Text, nullable=False),
    sa.Column(
        "verdict", sa.Text, sa.CheckConstraint("verdict IN ('open', 'duplicate', 'R1', 'R2', 'none')"), nullable=False
    ),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("judged_by", sa.Text, nullable=False),
    sa.Column("judged_at", _TIME),
    sa.UniqueConstraint("complaint_id", "other_complaint_id"),
    sa.Index("proposals_judged", "judged_at", postgresql_where=sa.text("judged_at IS NOT NULL")),
)

contacts = sa.Table(
    "contacts",
    metadata,
    sa.Column("contact_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, sa.ForeignKey("complaints.complaint_id"), nullable=False),
    sa.Column("channel", sa.Text, nullable=False),
    sa.Column("direction", sa.Text, sa.CheckConstraint("direction IN ('inbound', 'outbound')"), nullable=False),
    sa.Column("note", sa.Text, nullable=False, comment="empty where it is sealed"),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("at", _TIME, nullable=False),
    *sealed("contacts", "note <> ''"),
    sa.Index("contacts_complaint", "complaint_id", "at"),
)
