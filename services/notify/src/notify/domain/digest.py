"""Notices for one person become one mail."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

# A longer list is not read; the mail says how many more there are.
LISTED_TASKS = 50


@dataclass(frozen=True)
class Notice:
    """That a person must hear of a task. No customer data: the complaint's number and the kind of task."""

    notice_id: str
    kind: str
    person_id: str
    task_id: str
    case_id: str | None
    number: str | None
    task_kind: str
    due_at: datetime | None


@dataclass(frozen=True)
class Digest:
    """One mail. It names task and case only when it is about a single task."""

    kind: str
    person_id: str
    task_id: str | None
    case_id: str | None
    facts: Mapping[str, Any]
    notice_ids: tuple[str, ...]


def gather(notices: Iterable[Notice]) -> list[Digest]:
    """One digest per person and kind, its tasks in the order of their deadlines, those without one last."""
    groups: dict[tuple[str, str], list[Notice]] = {}
    for notice in notices:
        groups.setdefault((notice.person_id, notice.kind), []).append(notice)
    return [_digest(group) for group in groups.values()]


def _digest(group: list[Notice]) -> Digest:
    group.sort(key=lambda notice: (notice.due_at is None, notice.due_at or 0, notice.notice_id))
    first = group[0]
    single = len({notice.task_id for notice in group}) == 1
    tasks = list({notice.task_id: _task(notice) for notice in group}.values())
    return Digest(
        kind=first.kind,
        person_id=first.person_id,
        task_id=first.task_id if single else None,
        case_id=first.case_id if single else None,
        facts={"count": len(tasks), "tasks": tasks[:LISTED_TASKS]},
        notice_ids=tuple(notice.notice_id for notice in group),
    )


def _task(notice: Notice) -> dict[str, Any]:
    due_at = notice.due_at.isoformat() if notice.due_at else None
    return {"number": notice.number, "kind": notice.task_kind, "due_at": due_at}
