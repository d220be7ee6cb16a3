"""Root cause analysis: 5-Why trees on three legs and a fishbone. See DOMAIN 7 and 8."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal, get_args

from chassis.errors import Conflict, IllegalTransition, NotFound

Leg = Literal["occurrence", "escape", "systemic"]
Verify = Literal["unverified", "confirmed", "refuted"]
CauseStatus = Literal["suspected", "verified", "excluded"]
RcaState = Literal["open", "completed", "withdrawn"]

LEGS: tuple[Leg, ...] = get_args(Leg)
VERIFICATIONS: tuple[Verify, ...] = get_args(Verify)
CAUSE_STATES: tuple[CauseStatus, ...] = get_args(CauseStatus)


@dataclass(frozen=True)
class Why:
    """A node of a 5-Why tree; without a parent it asks about the problem itself."""

    why_id: str
    parent: str | None
    leg: str
    question: str
    answer: str
    evidence: tuple[str, ...]
    category: str
    controllable: bool
    by: str
    at: datetime
    verify: str = "unverified"
    is_root: bool = False


@dataclass(frozen=True)
class Cause:
    """A bone of the fishbone."""

    cause_id: str
    parent: str | None
    category: str
    text: str
    evidence: tuple[str, ...]
    by: str
    status: str = "suspected"
    excluded_reason: str = ""
    why_id: str | None = None


@dataclass(frozen=True)
class Rca:
    rca_id: str
    number: str
    title: str
    problem: str
    product_family: str
    defect_code: str | None
    failure_location: str | None
    category_set: str
    author: str
    opened_at: datetime
    version: int = 1
    state: RcaState = "open"
    whys: tuple[Why, ...] = ()
    causes: tuple[Cause, ...] = ()
    responsible_department: str | None = None
    completed_at: datetime | None = None

    def why(self, why_id: str) -> Why:
        for why in self.whys:
            if why.why_id == why_id:
                return why
        raise NotFound(f"this analysis has no why {why_id}")

    def cause(self, cause_id: str) -> Cause:
        for cause in self.causes:
            if cause.cause_id == cause_id:
                return cause
        raise NotFound(f"this analysis has no cause {cause_id}")

    def children(self, why_id: str) -> list[Why]:
        """Answers below a why that are not refuted."""
        return [why for why in self.whys if why.parent == why_id and why.verify != "refuted"]

    def chain(self, why: Why) -> Iterator[Why]:
        """The why and everything it explains, up to the problem ("therefore", read backwards)."""
        yield why
        while why.parent is not None:
            why = self.why(why.parent)
            yield why

    def stands(self, why: Why) -> bool:
        """Confirmed with evidence, and nothing it explains was refuted."""
        proven = why.verify == "confirmed" and bool(why.evidence)
        return proven and all(link.verify != "refuted" for link in self.chain(why))

    def roots(self) -> tuple[Why, ...]:
        """The roots that stand: those a corrective action must answer."""
        return tuple(why for why in self.whys if why.is_root and self.stands(why))


def editable(rca: Rca) -> Rca:
    """A completed or withdrawn analysis is a record: withdraw it and open another instead of changing it."""
    if rca.state != "open":
        raise IllegalTransition(f"{rca.number} is {rca.state}: nothing can be changed in it", possible=possible(rca))
    return rca


def possible(rca: Rca) -> list[str]:
    edits = ["add_why", "verify_why", "mark_root", "add_cause", "judge_cause", "complete"]
    return {"open": [*edits, "link", "withdraw"], "completed": ["link", "withdraw"], "withdrawn": []}[rca.state]


def withdraw(rca: Rca) -> Rca:
    """An analysis that no longer stands. Its gates close again where they have not been passed."""
    if rca.state == "withdrawn":
        raise IllegalTransition(f"{rca.number} is withdrawn already", possible=[])
    return replace(rca, state="withdrawn")


def linkable(rca: Rca) -> Rca:
    if rca.state == "withdrawn":
        raise Conflict("rca_withdrawn", f"{rca.number} was withdrawn: link the case to an analysis that stands")
    return rca
