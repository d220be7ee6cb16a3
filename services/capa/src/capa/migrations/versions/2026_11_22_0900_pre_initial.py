"""The chassis's tables, and what capa keeps."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from chassis.migrations import create_chassis_tables, drop_chassis_tables

revision = "2026_11_22_0900"
down_revision = None
branch_labels = None
depends_on = None

TABLES = (
    "documents",
    "knowledge_uses",
    "knowledge_cases",
    "knowledge",
    "capa_cases",
    "capa_states",
    "checks",
    "actions",
    "capas",
    "rca_cases",
    "causes",
    "whys",
    "rcas",
    "costs",
    "containments",
    "cases",
)
TIME = postgresql.TIMESTAMP(timezone=True)
_CAPA_STATE = (
    "state IN ('opened', 'planned', 'plan_approved', 'implementing', 'implemented', 'verifying', 'effective', "
    "'not_effective', 'insufficient_exposure', 'closed', 'cancelled')"
)


def upgrade() -> None:
    create_chassis_tables(op)  # type: ignore[arg-type]
    for sequence in ("rca_number", "capa_number", "knowledge_number"):
        op.execute(sa.schema.CreateSequence(sa.Sequence(sequence)))
    _cases()
    _containments()
    _costs()
    _rcas()
    _capas()
    _knowledge()


def _cases() -> None:
    op.create_table(
        "cases",
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("seen", sa.Boolean(), nullable=False, comment="false: linked here before workflow told of it"),
        sa.Column("stage", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False, comment="of the newest event about its stage"),
        sa.Column("state_sequence", sa.Integer(), nullable=False, comment="of the newest event about its state"),
        sa.Column("updated_at", TIME, nullable=False),
        sa.CheckConstraint("state IN ('unknown', 'open', 'closed')", name="state_known"),
        sa.PrimaryKeyConstraint("case_id"),
    )


def _containments() -> None:
    op.create_table(
        "containments",
        sa.Column("containment_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("quantity_checked", sa.Integer(), nullable=True),
        sa.Column("quantity_nok", sa.Integer(), nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            "place IN ('own_stock', 'transit', 'customer', 'supplier', 'none_needed')", name="place_known"
        ),
        sa.PrimaryKeyConstraint("containment_id"),
    )
    op.create_index("containments_case", "containments", ["case_id"], unique=False)


def _costs() -> None:
    op.create_table(
        "costs",
        sa.Column("cost_id", sa.UUID(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("sub_type", sa.Text(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.Text(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=True),
        sa.Column("capa_id", sa.UUID(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("source_document", sa.Text(), nullable=False),
        sa.Column("estimated", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "category IN ('prevention', 'appraisal', 'internal_failure', 'external_failure')", name="category_known"
        ),
        sa.CheckConstraint("num_nonnulls(case_id, capa_id, period) = 1", name="one_bearer"),
        sa.PrimaryKeyConstraint("cost_id"),
    )
    op.create_index("costs_capa", "costs", ["capa_id"], unique=False)
    op.create_index("costs_case", "costs", ["case_id"], unique=False)


def _rcas() -> None:
    op.create_table(
        "rcas",
        sa.Column("rca_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("product_family", sa.Text(), nullable=False),
        sa.Column("defect_code", sa.Text(), nullable=True),
        sa.Column("failure_location", sa.Text(), nullable=True),
        sa.Column("category_set", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("responsible_department", sa.Text(), nullable=True),
        sa.Column("completed_at", TIME, nullable=True),
        sa.CheckConstraint("state IN ('open', 'completed', 'withdrawn')", name="state_known"),
        sa.PrimaryKeyConstraint("rca_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("rcas_family", "rcas", ["product_family"], unique=False)
    op.create_table(
        "whys",
        sa.Column("why_id", sa.UUID(), nullable=False),
        sa.Column("rca_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent", sa.UUID(), nullable=True),
        sa.Column("leg", sa.Text(), nullable=False),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("controllable", sa.Boolean(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("verify", sa.Text(), nullable=False),
        sa.Column("is_root", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "NOT is_root OR (verify = 'confirmed' AND cardinality(evidence) > 0)", name="root_is_confirmed"
        ),
        sa.CheckConstraint("leg IN ('occurrence', 'escape', 'systemic')", name="leg_known"),
        sa.CheckConstraint("verify IN ('unverified', 'confirmed', 'refuted')", name="verify_known"),
        sa.ForeignKeyConstraint(
            ["rca_id"],
            ["rcas.rca_id"],
        ),
        sa.PrimaryKeyConstraint("why_id"),
    )
    op.create_index(op.f("ix_whys_rca_id"), "whys", ["rca_id"], unique=False)
    op.create_table(
        "causes",
        sa.Column("cause_id", sa.UUID(), nullable=False),
        sa.Column("rca_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("parent", sa.UUID(), nullable=True),
        sa.Column("category", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("excluded_reason", sa.Text(), nullable=False),
        sa.Column("why_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("status <> 'excluded' OR excluded_reason <> ''", name="exclusion_has_reason"),
        sa.CheckConstraint("status IN ('suspected', 'verified', 'excluded')", name="status_known"),
        sa.ForeignKeyConstraint(
            ["rca_id"],
            ["rcas.rca_id"],
        ),
        sa.PrimaryKeyConstraint("cause_id"),
    )
    op.create_index(op.f("ix_causes_rca_id"), "causes", ["rca_id"], unique=False)
    op.create_table(
        "rca_cases",
        sa.Column("rca_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["rca_id"],
            ["rcas.rca_id"],
        ),
        sa.PrimaryKeyConstraint("rca_id", "case_id"),
    )
    op.create_index("rca_cases_case", "rca_cases", ["case_id"], unique=False)


def _capas() -> None:
    op.create_table(
        "capas",
        sa.Column("capa_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("rca_id", sa.UUID(), nullable=True),
        sa.Column("risk_class", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("rationale", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("plan", postgresql.JSONB(), nullable=True),
        sa.Column("plan_author", sa.Text(), nullable=True),
        sa.Column("approved_by", sa.Text(), nullable=True),
        sa.Column("approved_at", TIME, nullable=True),
        sa.Column("implemented_at", TIME, nullable=True),
        sa.Column("closed_at", TIME, nullable=True),
        sa.Column("window_extensions", sa.Integer(), nullable=False),
        sa.Column("knowledge_id", sa.UUID(), nullable=True),
        sa.CheckConstraint("risk_class IN ('critical', 'major', 'minor')", name="risk_class_known"),
        sa.CheckConstraint("source IN ('complaint', 'signal', 'audit', 'internal')", name="source_known"),
        sa.CheckConstraint(
            _CAPA_STATE,
            name="state_known",
        ),
        sa.CheckConstraint("approved_by IS NULL OR approved_by <> plan_author", name="four_eyes"),
        sa.ForeignKeyConstraint(
            ["rca_id"],
            ["rcas.rca_id"],
        ),
        sa.PrimaryKeyConstraint("capa_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("capas_state", "capas", ["state"], unique=False)
    op.create_index(op.f("ix_capas_rca_id"), "capas", ["rca_id"], unique=False)
    op.create_table(
        "actions",
        sa.Column("action_id", sa.UUID(), nullable=False),
        sa.Column("capa_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("root_cause", sa.UUID(), nullable=True),
        sa.Column("owner", sa.Text(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("due_original", TIME, nullable=False),
        sa.Column("due_current", TIME, nullable=False),
        sa.Column("extensions", postgresql.JSONB(), nullable=False),
        sa.Column("expected_effect", sa.Text(), nullable=False),
        sa.Column("added_by", sa.Text(), nullable=False),
        sa.Column("round", sa.Integer(), nullable=False),
        sa.Column("evidence", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("done_at", TIME, nullable=True),
        sa.Column("done_by", sa.Text(), nullable=False),
        sa.CheckConstraint("state <> 'done' OR cardinality(evidence) > 0", name="done_with_evidence"),
        sa.CheckConstraint("state IN ('planned', 'assigned', 'done', 'cancelled')", name="state_known"),
        sa.CheckConstraint(
            "type IN ('containment', 'correction', 'corrective', 'preventive', 'improvement')", name="type_known"
        ),
        sa.ForeignKeyConstraint(
            ["capa_id"],
            ["capas.capa_id"],
        ),
        sa.PrimaryKeyConstraint("action_id"),
    )
    op.create_index(op.f("ix_actions_capa_id"), "actions", ["capa_id"], unique=False)
    op.create_table(
        "checks",
        sa.Column("capa_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("observed", sa.Double(), nullable=False),
        sa.Column("exposure", sa.Double(), nullable=False),
        sa.Column("expected", sa.Double(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("decided", sa.Boolean(), nullable=False),
        sa.CheckConstraint("verdict IN ('effective', 'not_effective', 'insufficient_exposure')", name="verdict_known"),
        sa.ForeignKeyConstraint(
            ["capa_id"],
            ["capas.capa_id"],
        ),
        sa.PrimaryKeyConstraint("capa_id", "position"),
    )
    op.create_table(
        "capa_states",
        sa.Column("capa_id", sa.UUID(), nullable=False),
        sa.Column("position", sa.Integer(), sa.Identity(always=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.CheckConstraint(
            _CAPA_STATE,
            name="state_known",
        ),
        sa.ForeignKeyConstraint(
            ["capa_id"],
            ["capas.capa_id"],
        ),
        sa.PrimaryKeyConstraint("capa_id", "position"),
        comment="every state a CAPA was in, also those it only passed through",
    )
    op.create_table(
        "capa_cases",
        sa.Column("capa_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["capa_id"],
            ["capas.capa_id"],
        ),
        sa.PrimaryKeyConstraint("capa_id", "case_id"),
    )
    op.create_index("capa_cases_case", "capa_cases", ["case_id"], unique=False)


def _knowledge() -> None:
    op.create_table(
        "knowledge",
        sa.Column("knowledge_id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("root_cause", sa.Text(), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("lessons", sa.Text(), nullable=False),
        sa.Column("documents_changed", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("product_family", sa.Text(), nullable=False),
        sa.Column("defect_code", sa.Text(), nullable=True),
        sa.Column("failure_location", sa.Text(), nullable=True),
        sa.Column("rca_id", sa.UUID(), nullable=True),
        sa.Column("capa_id", sa.UUID(), nullable=True),
        sa.Column("language", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("published_at", TIME, nullable=False),
        sa.Column("used", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("knowledge_id"),
        sa.UniqueConstraint("number"),
    )
    op.create_index("knowledge_family", "knowledge", ["product_family"], unique=False)
    op.create_table(
        "knowledge_cases",
        sa.Column("knowledge_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["knowledge_id"],
            ["knowledge.knowledge_id"],
        ),
        sa.PrimaryKeyConstraint("knowledge_id", "case_id"),
    )
    op.create_index("knowledge_cases_case", "knowledge_cases", ["case_id"], unique=False)
    op.create_table(
        "knowledge_uses",
        sa.Column("knowledge_id", sa.UUID(), nullable=False),
        sa.Column("case_id", sa.UUID(), nullable=False),
        sa.Column("linked_at", TIME, nullable=False),
        sa.Column("linked_by", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["knowledge_id"],
            ["knowledge.knowledge_id"],
        ),
        sa.PrimaryKeyConstraint("knowledge_id", "case_id"),
    )
    op.create_index("knowledge_uses_case", "knowledge_uses", ["case_id"], unique=False)
    op.create_table(
        "documents",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.UUID(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("solution", sa.Text(), nullable=False),
        sa.Column("family_key", sa.Text(), nullable=False),
        sa.Column("defect_key", sa.Text(), nullable=False),
        sa.Column("place_key", sa.Text(), nullable=False),
        sa.Column("grams", postgresql.ARRAY(sa.Text()), nullable=False),
        sa.Column("offered", sa.Boolean(), nullable=False, comment="false: withdrawn, closed or cancelled"),
        sa.CheckConstraint("kind IN ('knowledge', 'rca', 'capa')", name="kind_known"),
        sa.PrimaryKeyConstraint("kind", "id"),
        comment="what FindSimilar looks through; core PostgreSQL, no extension",
    )
    op.create_index("documents_grams", "documents", ["grams"], unique=False, postgresql_using="gin")
    op.create_index("documents_signature", "documents", ["family_key", "defect_key", "place_key"], unique=False)


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
    for sequence in ("rca_number", "capa_number", "knowledge_number"):
        op.execute(sa.schema.DropSequence(sa.Sequence(sequence)))
    drop_chassis_tables(op)  # type: ignore[arg-type]
