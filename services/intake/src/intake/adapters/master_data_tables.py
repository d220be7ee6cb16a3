"""Master data: a table per register, made from what the register says; samples, further defects, and what waits."""

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from intake.adapters.tables import metadata
from intake.domain.master_data.columns import Column
from intake.domain.master_data.register import Register
from intake.domain.master_data.registers import FIELDS, REGISTERS
from intake.domain.master_data.samples import RESULTS, STATES

_TIME = TIMESTAMP(timezone=True)
_TYPES = {"number": sa.BigInteger, "date": sa.Date, "month": sa.Date, "time": _TIME, "yes_no": sa.Boolean}
_MORE_INDEXES = {
    "product-lots": (("lot_key",), ("product_family", "plant", "produced_on"), ("product_family", "product_model")),
    "product-serials": (("serial_key",), ("product_family", "lot")),
    "shipments": (("lot_key",), ("product_family", "product_model")),
    "codes": (("code",),),
}


def _one_of(name: str, words: tuple[str, ...]) -> str:
    return f"{name} IN ({', '.join(repr(word) for word in words)})"


def _column(register: Register, column: Column) -> sa.Column[object]:
    kind = sa.LargeBinary if column.personal else _TYPES.get(column.kind, sa.Text)
    check = [sa.CheckConstraint(_one_of(column.name, column.choices))] if column.choices else []
    needed = column.required or column.name in register.keys or column.default is not None
    return sa.Column(column.name, kind, *check, nullable=not needed)  # type: ignore[arg-type]


def _table(register: Register) -> sa.Table:
    return sa.Table(
        register.table,
        metadata,
        *(_column(register, column) for column in register.columns),
        *(sa.Column(name, sa.Text, nullable=False) for name in register.derived),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("updated_at", _TIME, nullable=False),
        sa.Column("updated_by", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint(*register.keys),
        *(sa.Index(f"{register.table}_{'_'.join(n)}", *n) for n in _MORE_INDEXES.get(register.name, ())),
    )


tables = {register.name: _table(register) for register in REGISTERS.values()}

master_data_state = sa.Table(
    "master_data_state",
    metadata,
    sa.Column("one", sa.Boolean, sa.CheckConstraint("one"), primary_key=True),
    sa.Column("version", sa.BigInteger, nullable=False, comment="rises with every change of a register"),
)

complaint_defects = sa.Table(
    "complaint_defects",
    metadata,
    sa.Column("complaint_id", UUID),
    sa.Column("n", sa.Integer),
    sa.Column("defect_code", sa.Text, nullable=False),
    sa.Column("failure_location", sa.Text),
    sa.Column("quantity", sa.Integer),
    sa.PrimaryKeyConstraint("complaint_id", "n"),
)

code_fixes = sa.Table(
    "code_fixes",
    metadata,
    sa.Column("fix_id", UUID, primary_key=True),
    sa.Column("field", sa.Text, sa.CheckConstraint(_one_of("field", FIELDS)), nullable=False),
    sa.Column("spelling", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("asked_by", sa.Text, nullable=False),
    sa.Column("asked_at", _TIME, nullable=False),
    sa.Column("fixed", sa.Integer, nullable=False),
    sa.Column("failed", sa.Integer, nullable=False, comment="complaints that could not be changed, e.g. merged ones"),
    sa.Column("after", UUID, comment="the last complaint that was looked at"),
    sa.Column("done_at", _TIME),
    sa.Index("code_fixes_waiting", "asked_at", postgresql_where=sa.text("done_at IS NULL")),
)

samples = sa.Table(
    "samples",
    metadata,
    sa.Column("sample_id", UUID, primary_key=True),
    sa.Column("complaint_id", UUID, sa.ForeignKey("complaints.complaint_id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, sa.CheckConstraint(_one_of("state", STATES)), nullable=False),
    sa.Column("quantity", sa.Integer, nullable=False),
    sa.Column("serials", ARRAY(sa.Text), nullable=False),
    sa.Column("note", sa.Text, nullable=False),
    sa.Column("location", sa.Text, nullable=False, comment="where it lies, or who carries it"),
    sa.Column("tracking", sa.Text, nullable=False),
    sa.Column("due", _TIME, nullable=False, comment="by when it should have arrived"),
    *(sa.Column(f"{step}_at", _TIME) for step in ("asked", "sent", "received", "at_lab", "concluded", "withdrawn")),
    *(
        sa.Column(f"{step}_by", sa.Text, nullable=False)
        for step in ("asked", "sent", "received", "at_lab", "concluded", "withdrawn")
    ),
    sa.Column("result", sa.Text, sa.CheckConstraint(_one_of("result", ("", *RESULTS))), nullable=False),
    sa.Column("finding", sa.Text, nullable=False),
    sa.Column("protocol", JSONB, nullable=False, comment="the tests of the analysis, each with its outcome"),
    sa.Column("reason", sa.Text, nullable=False, comment="why it was withdrawn"),
    sa.Index("samples_complaint", "complaint_id"),
    sa.Index("samples_state", "state", "due", "sample_id"),
)
