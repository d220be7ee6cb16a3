"""One case with everything a decision needs, and what the decision changed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from workflow.domain.calendar import Calendar
from workflow.domain.definition import Definition, Stage
from workflow.domain.roster import Roster
from workflow.domain.sla import Clock, Entry, clock_of, due_after

OPEN, PAUSED, CLOSED = "open", "paused", "closed"
UNDONE = ("open", "in_progress")
SATISFIED = ("fulfilled", "waived")


@dataclass(frozen=True)
class Act:
    """Who does something, when; where new ids and assignees come from."""

    at: datetime
    by: str
    new_id: Callable[[], str]
    roster: Roster


@dataclass(frozen=True)
class Outcome:
    code: str
    remedy: str | None
    accepted: bool | None
    justified: bool | None
    reason: str
    by: str


@dataclass(kw_only=True)
class Case:
    case_id: str
    number: str
    version: int
    definition: str
    definition_version: int
    calendar: str
    calendar_version: int
    state: str
    stage: str
    visit: int
    grade: str
    product_family: str
    department: str
    since: datetime
    opened_at: datetime
    historical: bool
    stage_due_at: datetime | None = None
    due_at: datetime | None = None
    due_current_at: datetime | None = None
    response_due_at: datetime | None = None
    first_response_at: datetime | None = None
    closed_first_at: datetime | None = None
    closed_at: datetime | None = None
    reopened_at: list[datetime] = field(default_factory=list)
    outcome: Outcome | None = None
    first_outcome: Outcome | None = None
    path: str = "full"
    skip_reason: str | None = None
    skipped_by: str | None = None
    merged_into: str | None = None
    case_notice: int = 0
    """0 nothing said, 1 warned, 2 breached; likewise for the response."""
    case_notice_at: datetime | None = None
    response_notice: int = 0
    response_notice_at: datetime | None = None
    grade_sequence: int = 0
    """The complaint's sequence that the grade is from: an older one is ignored."""
    facts_sequence: int = 0


@dataclass(kw_only=True)
class Task:
    task_id: str
    kind: str
    department: str
    assignee: str | None
    opened_at: datetime
    number: str
    case_id: str | None = None
    stage: str | None = None
    state: str = "open"
    started_at: datetime | None = None
    due_at: datetime | None = None
    done_at: datetime | None = None
    escalation: int = 0
    escalate_at: datetime | None = None
    lead_at: datetime | None = None
    manager_at: datetime | None = None
    version: int = 1
    ref: str | None = None
    capa_id: str | None = None
    ref_sequence: int = 0
    result: str | None = None
    delivers: list[str] = field(default_factory=list)
    completed_by: str | None = None


@dataclass(kw_only=True)
class Deliverable:
    case_id: str
    kind: str
    state: str
    ref: str
    by: str
    at: datetime
    value: Any = None
    sequence: int = 0
    """Of `ref` at capa: what is older is ignored."""
    reason: str = ""


@dataclass(kw_only=True)
class Visit:
    case_id: str
    stage: str
    visit: int
    t_enter: datetime
    t_exit: datetime | None = None
    outcome: str | None = None


@dataclass(kw_only=True)
class Note:
    """A line of the timeline. `text` may hold what a person wrote; it never leaves this service in an event."""

    entry_id: str
    case_id: str
    at: datetime
    kind: str
    actor: str
    stage: str
    text: str
    data: dict[str, Any]


@dataclass(frozen=True)
class Fact:
    """Something the others are told: the event's name, whose it is, and its fields."""

    name: str
    subject: str
    sequence: int
    fields: dict[str, Any]


@dataclass
class CaseFile:
    case: Case
    definition: Definition
    calendar: Calendar
    tasks: list[Task] = field(default_factory=list)
    """The undone ones, and those this decision finished."""
    deliverables: dict[str, Deliverable] = field(default_factory=dict)
    visits: list[Visit] = field(default_factory=list)
    ledger: list[Entry] = field(default_factory=list)
    rca_ids: list[str] = field(default_factory=list)
    capa_ids: list[str] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    touched: list[Task | Deliverable | Visit | Entry] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        return self.definition.stage(self.case.stage)

    @property
    def clock(self) -> Clock:
        return clock_of(self.definition, self.case.grade, self.calendar)

    def undone(self) -> list[Task]:
        return [task for task in self.tasks if task.state in UNDONE]

    def satisfied(self, kind: str) -> bool:
        deliverable = self.deliverables.get(kind)
        return deliverable is not None and deliverable.state in SATISFIED

    def missing(self) -> list[str]:
        """Deliverables the current stage's gate still waits for."""
        required = self.stage.required(self.case.grade, self.case.path)
        return [kind for kind in required if not self.satisfied(kind)]

    def due_in(self, start: datetime, hours: float) -> datetime | None:
        """`hours` of the grade's clock after start, pauses left out; None where no clock runs."""
        if self.case.historical:
            return None
        return due_after(self.clock, start, hours * 3600, self.ledger)

    def change(self) -> int:
        """Every change raises the version by one: the ETag, and the sequence of the change's event."""
        self.case.version += 1
        return self.case.version

    def tell(self, name: str, act: Act, **fields: Any) -> None:
        """Records an event of the case itself."""
        self.facts.append(
            Fact(name, self.case.case_id, self.change(), {"case_id": self.case.case_id, "at": act.at, **fields})
        )

    def note(self, kind: str, act: Act, text: str = "", stage: str | None = None, **data: Any) -> Note:
        note = Note(
            entry_id=act.new_id(),
            case_id=self.case.case_id,
            at=act.at,
            kind=kind,
            actor=act.by,
            stage=self.case.stage if stage is None else stage,
            text=text,
            data=data,
        )
        self.notes.append(note)
        return note

    def touch(self, *rows: Task | Deliverable | Visit | Entry) -> None:
        self.touched.extend(rows)

    def write(
        self, kind: str, act: Act, *, reason: str = "", grade: str | None = None, seconds: float | None = None
    ) -> Entry:
        """Adds a line to the SLA ledger."""
        entry = Entry(
            entry_id=act.new_id(),
            case_id=self.case.case_id,
            at=act.at,
            kind=kind,
            reason=reason,
            by=act.by,
            grade=grade,
            seconds=seconds,
        )
        self.ledger.append(entry)
        self.touch(entry)
        return entry


def newest(visits: Sequence[Visit], stage: str) -> int:
    """The number of visits of a stage so far."""
    return max((visit.visit for visit in visits if visit.stage == stage), default=0)
