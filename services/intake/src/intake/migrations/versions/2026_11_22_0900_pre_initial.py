"""Complaints, their customers, grades, repeats and contacts; imported files."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from chassis.migrations import create_chassis_tables

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_TIME = TIMESTAMP(timezone=True)
_GRADES = ("urgent", "important", "routine")
_ANSWERS = ("yes", "no", "unknown")
_ANSWERED = (
    *("injury_or_fire", "legal", "main_function_lost", "several_affected"),
    *("core_business_stopped", "key_account", "media"),
)


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    op.execute("CREATE SEQUENCE complaint_number")
    _create_cell_days()
    _create_customers()
    _create_imports()
    _create_complaints()
    _create_import_rows()
    _create_contacts()
    _create_customer_keys()
    _create_gradings()
    _create_proposals()
    for column in _ANSWERED:
        _one_of("complaints", column, *_ANSWERS)
    _one_of("complaints", "state", "open", "closed", "merged")
    _one_of("complaints", "grade", *_GRADES)
    _one_of("gradings", "grade", *_GRADES)
    _one_of("gradings", "source", "table", "override")
    _one_of("proposals", "level", "duplicate", "R1", "R2")
    _one_of("proposals", "verdict", "open", "duplicate", "R1", "R2", "none")
    _one_of("contacts", "direction", "inbound", "outbound")
    _one_of("imports", "state", "running", "done", "failed")


def _one_of(table: str, column: str, *values: str) -> None:
    allowed = ", ".join(f"'{value}'" for value in values)
    op.create_check_constraint(f"{table}_{column}_check", table, f"{column} IN ({allowed})")


def _create_cell_days() -> None:
    op.create_table(
        "cell_days",
        sa.Column("cell", sa.Text, nullable=False),
        sa.Column("day", sa.Date, nullable=False),
        sa.Column("n", sa.Integer, nullable=False, comment="complaints received, without merged ones"),
        sa.PrimaryKeyConstraint("cell", "day"),
    )
    op.create_index("cell_days_day", "cell_days", ["day"])


def _create_customers() -> None:
    op.create_table(
        "customers",
        sa.Column("customer_id", UUID, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("email", sa.Text),
        sa.Column("phone", sa.Text),
        sa.PrimaryKeyConstraint("customer_id"),
    )


def _create_imports() -> None:
    op.create_table(
        "imports",
        sa.Column("import_id", UUID, nullable=False),
        sa.Column("file_name", sa.Text, nullable=False),
        sa.Column("mapping", JSONB, nullable=False),
        sa.Column("historical", sa.Boolean, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("encoding", sa.Text, nullable=False),
        sa.Column("rows", sa.Integer, nullable=False),
        sa.Column("registered", sa.Integer, nullable=False),
        sa.Column("existing", sa.Integer, nullable=False),
        sa.Column("rejected", sa.Integer, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.Column("error", sa.Text, nullable=False),
        sa.Column("started_by", sa.Text, nullable=False),
        sa.Column("started_at", _TIME, nullable=False),
        sa.Column("finished_at", _TIME),
        sa.PrimaryKeyConstraint("import_id"),
    )


def _create_complaints() -> None:
    op.create_table(
        "complaints",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("number", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("external_id", sa.Text),
        sa.Column("customer_id", UUID, nullable=False),
        sa.Column("customer_ref", sa.Text),
        sa.Column("product_family", sa.Text, nullable=False),
        sa.Column("product_model", sa.Text),
        sa.Column("lot", sa.Text),
        sa.Column("serial", sa.Text),
        sa.Column("quantity", sa.Integer, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("defect_code", sa.Text),
        sa.Column("failure_location", sa.Text),
        sa.Column("remedy_wanted", sa.Text),
        sa.Column("t_occurred", _TIME),
        sa.Column("t_aware", _TIME, nullable=False),
        sa.Column("t_received", _TIME, nullable=False),
        sa.Column("t_registered", _TIME, nullable=False),
        sa.Column("t_closed", _TIME),
        sa.Column("injury_or_fire", sa.Text, nullable=False),
        sa.Column("legal", sa.Text, nullable=False),
        sa.Column("main_function_lost", sa.Text, nullable=False),
        sa.Column("several_affected", sa.Text, nullable=False),
        sa.Column("core_business_stopped", sa.Text, nullable=False),
        sa.Column("key_account", sa.Text, nullable=False),
        sa.Column("media", sa.Text, nullable=False),
        sa.Column("customer_deadline", _TIME),
        sa.Column("safety_not_asked", sa.Boolean, nullable=False),
        sa.Column("historical", sa.Boolean, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("questions", ARRAY(sa.Text), nullable=False),
        sa.Column("cell", sa.Text, comment="product family and defect code, normalised"),
        sa.Column("signature_base", sa.Text, comment="the cell and the failure location"),
        sa.Column("signature", sa.Text, comment="the base, and the lot where known"),
        sa.Column("lot_key", sa.Text, comment="product family and lot, normalised"),
        sa.Column("open_proposals", sa.Integer, nullable=False),
        sa.Column("case_sequence", sa.Integer, nullable=False, server_default="0", comment="newest case event applied"),
        sa.Column("repeat_level", sa.Text),
        sa.Column("merged_into", UUID),
        sa.Column("registered_by", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.customer_id"],
        ),
        sa.ForeignKeyConstraint(
            ["merged_into"],
            ["complaints.complaint_id"],
        ),
        sa.PrimaryKeyConstraint("complaint_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index(
        "complaints_base", "complaints", ["signature_base", "t_received"], postgresql_where=sa.text("cell IS NOT NULL")
    )
    op.create_index(
        "complaints_cell", "complaints", ["cell", "t_received"], postgresql_where=sa.text("cell IS NOT NULL")
    )
    op.create_index("complaints_external_id", "complaints", ["external_id", "channel"], unique=True)
    op.create_index(
        "complaints_lot", "complaints", ["lot_key", "t_received"], postgresql_where=sa.text("lot_key IS NOT NULL")
    )
    op.create_index(
        "complaints_merged", "complaints", ["merged_into"], postgresql_where=sa.text("merged_into IS NOT NULL")
    )
    op.create_index("complaints_newest", "complaints", ["t_registered", "complaint_id"])
    op.create_index("complaints_own", "complaints", ["registered_by", "t_registered", "complaint_id"])


def _create_import_rows() -> None:
    op.create_table(
        "import_rows",
        sa.Column("import_id", UUID, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("line", sa.Integer, nullable=False),
        sa.Column("column", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"],
            ["imports.import_id"],
        ),
        sa.PrimaryKeyConstraint("import_id", "n"),
    )


def _create_contacts() -> None:
    op.create_table(
        "contacts",
        sa.Column("contact_id", UUID, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("direction", sa.Text, nullable=False),
        sa.Column("note", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.ForeignKeyConstraint(
            ["complaint_id"],
            ["complaints.complaint_id"],
        ),
        sa.PrimaryKeyConstraint("contact_id"),
    )
    op.create_index("contacts_complaint", "contacts", ["complaint_id", "at"])


def _create_customer_keys() -> None:
    op.create_table(
        "customer_keys",
        sa.Column("key", sa.Text, nullable=False, comment="digest of customer number, e-mail or telephone"),
        sa.Column("t_received", _TIME, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.PrimaryKeyConstraint("key", "t_received", "complaint_id"),
    )
    op.create_index("customer_keys_complaint", "customer_keys", ["complaint_id"])


def _create_gradings() -> None:
    op.create_table(
        "gradings",
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("n", sa.Integer, nullable=False),
        sa.Column("grade", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("table_name", sa.Text, nullable=False),
        sa.Column("table_version", sa.Integer, nullable=False),
        sa.Column("row", sa.Text, nullable=False),
        sa.Column("inputs", JSONB, nullable=False),
        sa.Column("reason_code", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("at", _TIME, nullable=False),
        sa.PrimaryKeyConstraint("complaint_id", "n"),
    )


def _create_proposals() -> None:
    op.create_table(
        "proposals",
        sa.Column("proposal_id", UUID, nullable=False),
        sa.Column("complaint_id", UUID, nullable=False),
        sa.Column("other_complaint_id", UUID, nullable=False),
        sa.Column("level", sa.Text, nullable=False),
        sa.Column("score", sa.Double, nullable=False),
        sa.Column("basis", sa.Text, nullable=False),
        sa.Column("verdict", sa.Text, nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("judged_by", sa.Text, nullable=False),
        sa.Column("judged_at", _TIME),
        sa.PrimaryKeyConstraint("proposal_id"),
        sa.UniqueConstraint("complaint_id", "other_complaint_id"),
    )
