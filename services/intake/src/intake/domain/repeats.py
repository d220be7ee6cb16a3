"""Which known complaints might a new one repeat? Coded fields first, text only proposes, people decide (DOMAIN §3).

duplicate  the same occurrence reported again by the same customer
R1         the same customer, the same problem signature (whatever the lot), a new occurrence
R2         any customer, same product family and defect code
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

Level = Literal["duplicate", "R1", "R2"]
Similarity = Callable[[str, str], float]

LEVELS: tuple[Level, ...] = ("duplicate", "R1", "R2")
MAX_R2 = 3
MAX_SAME_CUSTOMER = 5
CANDIDATES = 10
COMPARED_CHARACTERS = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A complaint that exists, as far as matching needs it."""

    complaint_id: str
    number: str
    text: str
    """The description's beginning, made comparable by `comparable`."""
    base: str | None
    t_occurred: datetime | None
    t_received: datetime


def comparable(description: str) -> str:
    """What two descriptions are compared by; cheap, because every candidate of every complaint passes here."""
    return " ".join(description[:COMPARED_CHARACTERS].casefold().split())


@dataclass(frozen=True, slots=True)
class Proposal:
    other: Known
    level: Level
    score: float
    """1 for a signature match, else the similarity of the texts, 0..1."""
    basis: Literal["signature", "text"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Windows:
    """Parameters of the grading table. Distances in time count both ways: a file need not be in the order of time."""

    repeat: timedelta
    duplicate: timedelta
    similarity: float

    @classmethod
    def of(cls, parameters: Mapping[str, Any]) -> "Windows":
        return cls(
            repeat=timedelta(days=parameters["repeat_window_days"]),
            duplicate=timedelta(days=parameters["duplicate_window_days"]),
            similarity=parameters["duplicate_similarity"],
        )


def propose(
    new: Known,
    *,
    same_customer: Iterable[Known],
    same_cell: Iterable[Known],
    windows: Windows,
    similarity: Similarity,
) -> list[Proposal]:
    """At most 5 of the same customer and 3 of the same cell (the most alike), each other complaint once."""
    near = [other for other in same_customer if abs(other.t_received - new.t_received) <= windows.repeat]
    own = [found for other in near if (found := _same_customer(new, other, windows, similarity))]
    own.sort(key=lambda found: (LEVELS.index(found.level), -found.other.t_received.timestamp()))
    taken = {found.other.complaint_id for found in own} | {new.complaint_id}
    others = [
        Proposal(other, "R2", similarity(new.text, other.text), "text")
        for other in same_cell
        if other.complaint_id not in taken and abs(other.t_received - new.t_received) <= windows.repeat
    ]
    others.sort(key=lambda found: -found.score)
    return own[:MAX_SAME_CUSTOMER] + others[:MAX_R2]


def _same_customer(new: Known, other: Known, windows: Windows, similarity: Similarity) -> Proposal | None:
    if other.complaint_id == new.complaint_id:
        return None
    if abs(other.t_received - new.t_received) <= windows.duplicate:
        score = similarity(new.text, other.text)
        if score >= windows.similarity or _same_occurrence(new, other):
            return Proposal(other, "duplicate", score, "text")
    if new.base is not None and new.base == other.base:
        return Proposal(other, "R1", 1.0, "signature")
    return None


def _same_occurrence(new: Known, other: Known) -> bool:
    return new.t_occurred is not None and new.t_occurred == other.t_occurred and new.base == other.base is not None


VERDICTS = (*LEVELS, "none")


def repeat_level(verdicts: Iterable[str]) -> Literal["R1", "R2"] | None:
    """Where a complaint stands after its verdicts: the strongest confirmed repeat."""
    given = set(verdicts)
    return "R1" if "R1" in given else "R2" if "R2" in given else None
