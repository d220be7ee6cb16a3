"""A process definition: stages, tasks, gates and deadlines as data. The engine knows none of its keys."""

from collections.abc import Mapping
from dataclasses import dataclass

CALENDAR_CLOCK = "calendar"
GRADES = ("urgent", "important", "routine")
PATHS = ("full", "fast")
EVENT_DELIVERABLES = frozenset(
    {"containment", "rca_completed", "capa_approved", "capa_implemented", "knowledge_published"}
)
"""What events of capa fulfil; every other deliverable must be handed in with a task."""


@dataclass(frozen=True)
class Label:
    zh: str
    en: str


@dataclass(frozen=True)
class GradePolicy:
    """Deadlines of one grade, in hours of `clock` (DOMAIN §10: urgent around the clock, others in working time)."""

    clock: str
    response_hours: float
    case_hours: float
    lead_after_hours: float
    """An overdue task goes to the department's lead this long after its deadline,"""
    manager_after_hours: float
    """and to the managers this long after it."""


@dataclass(frozen=True)
class Department:
    key: str
    label: Label
    roles: frozenset[str]
    """Whoever has one of these roles may work for the department, member or not."""


@dataclass(frozen=True)
class DeliverableSpec:
    kind: str
    label: Label
    type: str
    """confirmation | text | choice | callback | event"""
    choices: tuple[str, ...]


@dataclass(frozen=True)
class TaskSpec:
    kind: str
    label: Label
    department: str
    delivers: tuple[str, ...]
    completed_by: str | None
    """The deliverable whose arrival completes the task without anyone's doing."""
    paths: tuple[str, ...]


@dataclass(frozen=True)
class GateItem:
    kind: str
    grades: tuple[str, ...]
    paths: tuple[str, ...]


@dataclass(frozen=True)
class Stage:
    key: str
    label: Label
    department: str
    due_hours: Mapping[str, float]
    tasks: tuple[TaskSpec, ...]
    gate: tuple[GateItem, ...]
    skip_from: bool
    """The fast path may begin here."""
    closing: bool
    """The case closes from this stage, by a person who records the outcome."""
    after_close: bool

    def required(self, grade: str, path: str) -> list[str]:
        """Deliverables this stage's gate asks of a case of that grade on that path."""
        return [item.kind for item in self.gate if grade in item.grades and path in item.paths]


@dataclass(frozen=True)
class Definition:
    name: str
    version: int
    label: Label
    calendar: str
    opens_new_cases: bool
    warn_share: float
    """A deadline is near once this share of its time has passed (wall clock)."""
    grades: Mapping[str, GradePolicy]
    departments: Mapping[str, Department]
    deliverables: Mapping[str, DeliverableSpec]
    pause_reasons: tuple[str, ...]
    stages: tuple[Stage, ...]

    def stage(self, key: str) -> Stage:
        return self.stages[self.position(key)]

    def position(self, key: str) -> int:
        """Raises KeyError for a stage this definition does not have."""
        for index, stage in enumerate(self.stages):
            if stage.key == key:
                return index
        raise KeyError(key)

    @property
    def first(self) -> Stage:
        return self.stages[0]

    @property
    def closing(self) -> Stage:
        return next(stage for stage in self.stages if stage.closing)

    def after(self, stage: Stage) -> Stage | None:
        following = self.position(stage.key) + 1
        return self.stages[following] if following < len(self.stages) else None

    def stage_of_deliverable(self, kind: str) -> Stage | None:
        """The stage whose gate asks for `kind`."""
        return next((s for s in self.stages if any(item.kind == kind for item in s.gate)), None)
