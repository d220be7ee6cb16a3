"""Who gets a task: the present member of the department with the fewest open ones."""

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass
class Member:
    person_id: str
    department: str
    lead: bool
    roles: list[str]
    absent: bool
    disabled: bool
    open_tasks: int = 0


class Roster:
    """Loads are read once per transaction and raised here, so that a batch spreads without further reads."""

    def __init__(self, members: Iterable[Member]) -> None:
        self._present: dict[str, list[Member]] = {}
        for member in members:
            if not member.absent and not member.disabled:
                self._present.setdefault(member.department, []).append(member)

    def assign(self, department: str) -> str | None:
        """The least loaded present member (ties: smallest id, so that replays agree); None when nobody is there."""
        present = self._present.get(department)
        if not present:
            return None
        chosen = min(present, key=lambda member: (member.open_tasks, member.person_id))
        chosen.open_tasks += 1
        return chosen.person_id


EMPTY = Roster(())
