"""What capa keeps. One MetaData; column names are the names of the domain's fields."""

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TIMESTAMP, UUID

from capa.domain import capa as _capa
from capa.domain import containment as _containment
from capa.domain import costs as _costs
from capa.domain import rca as _rca
from chassis.definition_store import published_definitions

metadata = sa.MetaData()
definitions = published_definitions(metadata)

RCA_NUMBERS = sa.Sequence("rca_number", metadata=metadata)
CAPA_NUMBERS = sa.Sequence("capa_number", metadata=metadata)
KNOWLEDGE_NUMBERS = sa.Sequence("knowledge_number", metadata=metadata)


def _text(name: str, *, null: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=null)


def _texts(name: str) -> sa.Column[Any]:
    return sa.Column(name, ARRAY(sa.Text), nullable=False)


def _time(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, TIMESTAMP(timezone=True), nullable=null)


def _id(name: str, *, null: bool = False) -> sa.Column[Any]:
    return sa.Column(name, UUID, nullable=null)


def _key(name: str) -> sa.Column[Any]:
    return sa.Column(name, UUID, primary_key=True)


def _of(name: str, table: str) -> sa.Column[Any]:
    return sa.Column(name, UUID, sa.ForeignKey(f"{table}.{name}"), nullable=False, index=True)


def _count(name: str, *, null: bool = False) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=null)


def _within(column: str, values: Iterable[str]) -> sa.CheckConstraint:
    listed = ", ".join(f"'{value}'" for value in values)
    return sa.CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def _links(name: str, owner: str, table: str) -> sa.Table:
    return sa.Table(
        name,
        metadata,
        sa.Column(owner, UUID, sa.ForeignKey(f"{table}.{owner}"), primary_key=True),
        _key("case_id"),
        _time("linked_at"),
        _text("linked_by"),
        sa.Index(f"{name}_case", "case_id"),
    )


cases = sa.Table(
    "cases",
    metadata,
    _key("case_id"),
    sa.Column("seen", sa.Boolean, nullable=False, comment="false: linked here before workflow told of it"),
    _text("stage"),
    _text("state"),
    sa.Column("sequence", sa.Integer, nullable=False, comment="of the newest event about its stage"),
    sa.Column("state_sequence", sa.Integer, nullable=False, comment="of the newest event about its state"),
    _time("updated_at"),
    _within("state", ("unknown", "open", "closed")),
)

containments = sa.Table(
    "containments",
    metadata,
    _key("containment_id"),
    _id("case_id"),
    _text("text"),
    _text("place"),
    _count("quantity_checked", null=True),
    _count("quantity_nok", null=True),
    _text("by"),
    _time("at"),
    _within("place", _containment.PLACES),
    sa.Index("containments_case", "case_id"),
)

rcas = sa.Table(
    "rcas",
    metadata,
    _key("rca_id"),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    _count("version"),
    _text("state"),
    _text("title"),
    _text("problem"),
    _text("product_family"),
    _text("defect_code", null=True),
    _text("failure_location", null=True),
    _text("category_set"),
    _text("author"),
    _time("opened_at"),
    _text("responsible_department", null=True),
    _time("completed_at", null=True),
    _within("state", ("open", "completed", "withdrawn")),
    sa.Index("rcas_family", "product_family"),
)

whys = sa.Table(
    "whys",
    metadata,
    _key("why_id"),
    _of("rca_id", "rcas"),
    _count("position"),
    _id("parent", null=True),
    _text("leg"),
    _text("question"),
    _text("answer"),
    _texts("evidence"),
    _text("category"),
    sa.Column("controllable", sa.Boolean, nullable=False),
    _text("by"),
    _time("at"),
    _text("verify"),
    sa.Column("is_root", sa.Boolean, nullable=False),
    _within("leg", _rca.LEGS),
    _within("verify", _rca.VERIFICATIONS),
    sa.CheckConstraint("NOT is_root OR (verify = 'confirmed' AND cardinality(evidence) > 0)", name="root_is_confirmed"),
)

causes = sa.Table(
    "causes",
    metadata,
    _key("cause_id"),
    _of("rca_id", "rcas"),
    _count("position"),
    _id("parent", null=True),
    _text("category"),
    _text("text"),
    _texts("evidence"),
    _text("by"),
    _text("status"),
    _text("excluded_reason"),
    _id("why_id", null=True),
    _within("status", _rca.CAUSE_STATES),
    sa.CheckConstraint("status <> 'excluded' OR excluded_reason <> ''", name="exclusion_has_reason"),
)

capas = sa.Table(
    "capas",
    metadata,
    _key("capa_id"),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    _count("version"),
    _text("state"),
    _count("round"),
    _text("title"),
    _text("problem"),
    sa.Column("rca_id", UUID, sa.ForeignKey("rcas.rca_id"), index=True),
    _text("risk_class"),
    _text("source"),
    _text("rationale"),
    _text("author"),
    _time("opened_at"),
    sa.Column("plan", JSONB),
    _text("plan_author", null=True),
    _text("approved_by", null=True),
    _time("approved_at", null=True),
    _time("implemented_at", null=True),
    _time("closed_at", null=True),
    _count("window_extensions"),
    _id("knowledge_id", null=True),
    _within("state", _capa.STATES),
    _within("risk_class", _capa.RISK_CLASSES),
    _within("source", _capa.SOURCES),
    sa.CheckConstraint("approved_by IS NULL OR approved_by <> plan_author", name="four_eyes"),
    sa.Index("capas_state", "state"),
)

capa_states = sa.Table(
    "capa_states",
    metadata,
    sa.Column("capa_id", UUID, sa.ForeignKey("capas.capa_id"), primary_key=True),
    sa.Column("position", sa.Integer, sa.Identity(always=True), primary_key=True),
    _text("state"),
    _count("version"),
    _text("by"),
    _time("at"),
    _within("state", _capa.STATES),
    comment="every state a CAPA was in, also those it only passed through",
)

actions = sa.Table(
    "actions",
    metadata,
    _key("action_id"),
    _of("capa_id", "capas"),
    _count("position"),
    _count("version"),
    _text("type"),
    _text("text"),
    _id("root_cause", null=True),
    _text("owner"),
    _text("department"),
    _time("due_original"),
    _time("due_current"),
    sa.Column("extensions", JSONB, nullable=False),
    _text("expected_effect"),
    _text("added_by"),
    _count("round"),
    _texts("evidence"),
    _text("state"),
    _time("done_at", null=True),
    _text("done_by"),
    _within("type", _capa.ACTION_TYPES),
    _within("state", _capa.ACTION_STATES),
    sa.CheckConstraint("state <> 'done' OR cardinality(evidence) > 0", name="done_with_evidence"),
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("capa_id", UUID, sa.ForeignKey("capas.capa_id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    _text("verdict"),
    sa.Column("observed", sa.Double, nullable=False),
    sa.Column("exposure", sa.Double, nullable=False),
    sa.Column("expected", sa.Double, nullable=False),
    _text("note"),
    _text("by"),
    _time("at"),
    sa.Column("decided", sa.Boolean, nullable=False),
    _within("verdict", ("effective", "not_effective", "insufficient_exposure")),
)

costs = sa.Table(
    "costs",
    metadata,
    _key("cost_id"),
    sa.Column("date", sa.Date, nullable=False),
    _text("category"),
    _text("sub_type"),
    sa.Column("amount_minor", sa.BigInteger, nullable=False),
    _text("currency"),
    _id("case_id", null=True),
    _id("capa_id", null=True),
    _text("period", null=True),
    _text("source_document"),
    sa.Column("estimated", sa.Boolean, nullable=False),
    _text("by"),
    _within("category", _costs.CATEGORIES),
    sa.CheckConstraint("num_nonnulls(case_id, capa_id, period) = 1", name="one_bearer"),
    sa.Index("costs_case", "case_id"),
    sa.Index("costs_capa", "capa_id"),
)

knowledge = sa.Table(
    "knowledge",
    metadata,
    _key("knowledge_id"),
    sa.Column("number", sa.Text, nullable=False, unique=True),
    _count("version"),
    _text("title"),
    _text("problem"),
    _text("root_cause"),
    _text("solution"),
    _text("lessons"),
    _texts("documents_changed"),
    _text("product_family"),
    _text("defect_code", null=True),
    _text("failure_location", null=True),
    _id("rca_id", null=True),
    _id("capa_id", null=True),
    _text("language"),
    _text("author"),
    _time("published_at"),
    _count("used"),
    sa.Index("knowledge_family", "product_family"),
)

documents = sa.Table(
    "documents",
    metadata,
    sa.Column("kind", sa.Text, primary_key=True),
    _key("id"),
    _text("number"),
    _text("title"),
    _text("solution"),
    _text("family_key"),
    _text("defect_key"),
    _text("place_key"),
    _texts("grams"),
    sa.Column("offered", sa.Boolean, nullable=False, comment="false: withdrawn, closed or cancelled"),
    _within("kind", ("knowledge", "rca", "capa")),
    sa.Index("documents_signature", "family_key", "defect_key", "place_key"),
    sa.Index("documents_grams", "grams", postgresql_using="gin"),
    comment="what FindSimilar looks through; core PostgreSQL, no extension",
)

rca_cases = _links("rca_cases", "rca_id", "rcas")
capa_cases = _links("capa_cases", "capa_id", "capas")
knowledge_cases = _links("knowledge_cases", "knowledge_id", "knowledge")
knowledge_uses = _links("knowledge_uses", "knowledge_id", "knowledge")
