"""What workflow tells the others. A case carries the id of its complaint."""

from datetime import datetime
from typing import Literal

import msgspec

Grade = Literal["urgent", "important", "routine"]


class FirstTask(msgspec.Struct, frozen=True, kw_only=True):
    """The task a stage starts with; travels in the stage's event so that no second event is needed."""

    task_id: str
    kind: str
    department: str
    assignee: str | None
    due_at: datetime | None


class CaseOpened(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    number: str
    definition: str
    definition_version: int
    stage: str
    grade: Grade
    due_at: datetime | None
    """Expected end of handling; None for historical cases, whose clocks do not run."""
    response_due_at: datetime | None
    task: FirstTask | None
    historical: bool
    language: Literal["zh", "en"]
    reachable: bool
    at: datetime


class CaseStageEntered(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    stage: str
    visit: int
    from_stage: str
    from_outcome: Literal["done", "skipped"]
    due_at: datetime | None
    task: FirstTask | None
    at: datetime


class CaseStageReturned(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    stage: str
    """The stage the case is in now."""
    visit: int
    from_stage: str
    due_at: datetime | None
    task: FirstTask | None
    at: datetime


class CasePaused(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    reason_code: str
    at: datetime


class CaseResumed(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    due_at: datetime | None
    paused_seconds: float
    at: datetime


class CaseClosed(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    outcome: Literal["resolved", "not_justified", "withdrawn", "no_trouble_found", "duplicate", "referred_outside"]
    remedy: str | None
    accepted: bool | None
    justified: bool | None
    path: Literal["full", "fast"]
    first: bool
    """False when the case had been closed before and reopened."""
    stage: str
    on_time_original: bool | None
    on_time_current: bool | None
    working_seconds: float | None
    rca_ids: list[str]
    capa_ids: list[str]
    historical: bool
    at: datetime


class CaseReopened(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    stage: str
    visit: int
    due_at: datetime | None
    task: FirstTask | None
    at: datetime


class TaskAssigned(msgspec.Struct, frozen=True, kw_only=True):
    """A task beyond a stage's first one, or a task that moved to someone else."""

    task_id: str
    case_id: str | None
    kind: str
    stage: str | None
    department: str
    assignee: str | None
    due_at: datetime | None
    ref: str | None
    reassigned: bool
    at: datetime


class TaskCompleted(msgspec.Struct, frozen=True, kw_only=True):
    task_id: str
    case_id: str | None
    kind: str
    stage: str | None
    by: str
    ref: str | None
    opened_at: datetime
    started_at: datetime | None
    due_at: datetime | None
    at: datetime


class TaskOverdue(msgspec.Struct, frozen=True, kw_only=True):
    task_id: str
    case_id: str | None
    number: str
    kind: str
    stage: str | None
    department: str
    assignee: str | None
    due_at: datetime
    at: datetime


class TaskEscalated(msgspec.Struct, frozen=True, kw_only=True):
    task_id: str
    case_id: str | None
    number: str
    kind: str
    department: str
    level: int
    """2 = the department's lead, 3 = the managers."""
    to: list[str]
    due_at: datetime
    at: datetime


class SlaWarning(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    clock: Literal["response", "case"]
    due_at: datetime
    at: datetime


class SlaBreached(msgspec.Struct, frozen=True, kw_only=True):
    case_id: str
    clock: Literal["response", "case"]
    due_at: datetime
    at: datetime


class ResponseSent(msgspec.Struct, frozen=True, kw_only=True):
    """A human answered the customer. The automatic receipt is not a response."""

    case_id: str
    channel: str
    first: bool
    """The earliest answer known so far; one that is recorded late may be earlier still."""
    at: datetime
    working_seconds: float | None = None
    """Business time from the start of the case to the answer, named pauses left out; None for historical cases."""


class CaseDueChanged(msgspec.Struct, frozen=True, kw_only=True):
    """A regrade or an extension moved the deadline; the original due date stays what it was."""

    case_id: str
    due_at: datetime | None
    due_current_at: datetime | None
    reason: Literal["regrade", "extension"]
    at: datetime
