"""A CAPA and what belongs to it. See DOMAIN 6 and 9."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, get_args

from chassis.errors import NotFound

CapaState = Literal[
    "opened",
    "planned",
    "plan_approved",
    "implementing",
    "implemented",
    "verifying",
    "effective",
    "not_effective",
    "insufficient_exposure",
    "closed",
    "cancelled",
]
ActionType = Literal["containment", "correction", "corrective", "preventive", "improvement"]
ActionState = Literal["planned", "assigned", "done", "cancelled"]
Method = Literal["recurrence", "verification_test"]
Verdict = Literal["effective", "not_effective", "insufficient_exposure"]

STATES: tuple[CapaState, ...] = get_args(CapaState)
ACTION_STATES: tuple[ActionState, ...] = get_args(ActionState)
ACTION_TYPES: tuple[ActionType, ...] = get_args(ActionType)
METHODS: tuple[Method, ...] = get_args(Method)
RISK_CLASSES = ("critical", "major", "minor")
SOURCES = ("complaint", "signal", "audit", "internal")

# The mission's two headings; the model keeps the five types of the standards (DOMAIN 6).
DISPLAY_GROUP = {
    "containment": "correction",
    "correction": "correction",
    "corrective": "prevention",
    "preventive": "prevention",
    "improvement": "prevention",
}


@dataclass(frozen=True)
class Extension:
    due: datetime
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class Action:
    action_id: str
    type: ActionType
    text: str
    root_cause: str | None
    owner: str
    department: str
    due_original: datetime
    due_current: datetime
    expected_effect: str
    added_by: str
    round: int
    version: int = 1
    state: ActionState = "planned"
    extensions: tuple[Extension, ...] = ()
    evidence: tuple[str, ...] = ()
    done_at: datetime | None = None
    done_by: str = ""


@dataclass(frozen=True)
class EffectivenessPlan:
    """The criterion, set before implementation. Units: see `capa.proto`."""

    metric: str
    method: Method
    baseline: float
    baseline_period: str
    target: float
    window_days: int
    minimum_exposure: float
    checker: str
    set_by: str
    set_at: datetime


@dataclass(frozen=True)
class Check:
    verdict: Verdict
    observed: float
    exposure: float
    expected: float
    note: str
    by: str
    at: datetime
    decided: bool = False


@dataclass(frozen=True)
class Capa:
    capa_id: str
    number: str
    title: str
    problem: str
    rca_id: str | None
    risk_class: str
    source: str
    rationale: str
    author: str
    opened_at: datetime
    version: int = 1
    state: CapaState = "opened"
    round: int = 1
    """Raised by every reopening: an action belongs to the round it was planned in."""
    actions: tuple[Action, ...] = ()
    plan: EffectivenessPlan | None = None
    checks: tuple[Check, ...] = ()
    plan_author: str | None = None
    approved_by: str | None = None
    approved_at: datetime | None = None
    implemented_at: datetime | None = None
    closed_at: datetime | None = None
    window_extensions: int = 0
    knowledge_id: str | None = None

    def action(self, action_id: str) -> Action:
        for action in self.actions:
            if action.action_id == action_id:
                return action
        raise NotFound(f"{self.number} has no action {action_id}")

    def in_state(self, *states: ActionState) -> tuple[Action, ...]:
        return tuple(action for action in self.actions if action.state in states)

    def owners(self) -> frozenset[str]:
        """Who carries or carried an action, and so may not judge its effect."""
        return frozenset(action.owner for action in self.actions if action.state != "cancelled")

    def plan_authors(self) -> frozenset[str]:
        """Everyone whose hand is in the plan of this round: who submitted it, set its criterion or added an action."""
        hands = {action.added_by for action in self.actions if action.round == self.round}
        hands |= {self.plan_author or "", self.plan.set_by if self.plan else ""}
        return frozenset(hands - {""})

    def window_ends_at(self) -> datetime | None:
        """Implementation plus the window of the plan, once more for every extension."""
        if self.plan is None or self.implemented_at is None:
            return None
        return self.implemented_at + timedelta(days=self.window_days())

    def window_days(self) -> int:
        return self.plan.window_days * (1 + self.window_extensions) if self.plan else 0
