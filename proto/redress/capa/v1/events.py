"""What capa tells the others. A case carries the id of its complaint."""

from datetime import date, datetime
from typing import Literal

import msgspec

ActionType = Literal["containment", "correction", "corrective", "preventive", "improvement"]


class ContainmentDone(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    place: str
    at: datetime


class RcaOpened(msgspec.Struct, frozen=True, kw_only=True):
    rca_id: str
    number: str
    case_ids: list[str]
    at: datetime


class RcaCompleted(msgspec.Struct, frozen=True, kw_only=True):
    rca_id: str
    number: str
    case_ids: list[str]
    legs: list[str]
    """Which of occurrence, escape and systemic have a confirmed root."""
    categories: list[str]
    """6M categories of the roots."""
    responsible_department: str
    at: datetime


class RcaWithdrawn(msgspec.Struct, frozen=True, kw_only=True):
    rca_id: str
    number: str
    case_ids: list[str]
    at: datetime


class RcaLinked(msgspec.Struct, frozen=True, kw_only=True):
    """Cases of the same cluster joined an RCA that exists; `completed` opens their gate at once."""

    rca_id: str
    number: str
    case_ids: list[str]
    completed: bool
    at: datetime


class CapaOpened(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    rca_id: str | None
    case_ids: list[str]
    risk_class: str
    at: datetime


class CapaLinked(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    case_ids: list[str]
    approved: bool
    implemented: bool
    at: datetime


class CapaApproved(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    case_ids: list[str]
    actions: int
    at: datetime


class CapaImplemented(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    case_ids: list[str]
    window_ends_at: datetime
    at: datetime


class CapaEffectivenessConcluded(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    verdict: Literal["effective", "not_effective", "insufficient_exposure"]
    at: datetime
    window_ends_at: datetime | None = None
    """After this verdict: an insufficient exposure extends the window."""


class CapaReopened(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    case_ids: list[str]
    at: datetime


class CapaClosed(msgspec.Struct, frozen=True, kw_only=True):
    capa_id: str
    number: str
    case_ids: list[str]
    outcome: Literal["effective", "cancelled"]
    at: datetime


class ActionAssigned(msgspec.Struct, frozen=True, kw_only=True):
    """Becomes a task of workflow: there is one task list."""

    action_id: str
    capa_id: str
    number: str
    type: ActionType
    owner: str
    department: str
    due_at: datetime
    at: datetime


class ActionDone(msgspec.Struct, frozen=True, kw_only=True):
    action_id: str
    capa_id: str
    type: ActionType
    by: str
    due_original: datetime
    due_current: datetime
    at: datetime


class ActionExtended(msgspec.Struct, frozen=True, kw_only=True):
    action_id: str
    capa_id: str
    due_original: datetime
    due_current: datetime
    at: datetime


class CostPosted(msgspec.Struct, frozen=True, kw_only=True):
    cost_id: str
    date: date
    category: Literal["prevention", "appraisal", "internal_failure", "external_failure"]
    sub_type: str
    amount_minor: int
    currency: str
    case_id: str | None
    capa_id: str | None
    estimated: bool


class KnowledgePublished(msgspec.Struct, frozen=True, kw_only=True):
    knowledge_id: str
    number: str
    case_ids: list[str]
    rca_id: str | None
    capa_id: str | None
    product_family: str
    defect_code: str | None
    at: datetime


class KnowledgeUsed(msgspec.Struct, frozen=True, kw_only=True):
    knowledge_id: str
    case_id: str
    at: datetime
