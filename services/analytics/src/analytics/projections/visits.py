"""Where each stage visit ended.

An event names the stage a case left, not which visit of it, and entries and exits come in any order; so the end of a
visit is a function of all that is known about its complaint. No event tells that the last stage after the close was
passed: such a visit ends with its last task.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from analytics.projections.workflow import WHEREVER_IT_STANDS


@dataclass(frozen=True)
class Visit:
    complaint_id: str
    stage: str
    visit: int
    t_enter: datetime
    enter_seq: int
    t_exit: datetime | None = None
    outcome: str | None = None


@dataclass(frozen=True)
class Exit:
    stage: str
    exit_seq: int
    t_exit: datetime
    outcome: str

    def ends(self, visit: Visit) -> bool:
        if self.stage == WHEREVER_IT_STANDS:
            return self.exit_seq > visit.enter_seq
        return self.stage == visit.stage and self.exit_seq >= visit.enter_seq


@dataclass(frozen=True)
class Known:
    """About one complaint: its visits and exits, the sequence of its last close, when tasks of a stage were done."""

    visits: Sequence[Visit]
    exits: Sequence[Exit]
    closed_seq: int | None = None
    done: Sequence[tuple[str, datetime]] = ()


def changed_ends(known: Known) -> Iterator[tuple[Visit, datetime, str]]:
    """The visits whose end is not yet what it should be, with their end and its outcome."""
    for visit in known.visits:
        end = _end(visit, known)
        if end is not None and end != (visit.t_exit, visit.outcome):
            yield visit, *end


def _end(visit: Visit, known: Known) -> tuple[datetime, str] | None:
    exits = [one for one in known.exits if one.ends(visit)]
    if exits:
        first = min(exits, key=lambda one: (one.exit_seq, one.t_exit))
        return first.t_exit, first.outcome
    if known.closed_seq is None or known.closed_seq > visit.enter_seq:
        return None
    done = _done_in(visit, known.done)
    return (max(done), "done") if done else None


def _done_in(visit: Visit, done: Iterable[tuple[str, datetime]]) -> list[datetime]:
    return [at for stage, at in done if stage == visit.stage and at >= visit.t_enter]
