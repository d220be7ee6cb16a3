"""What a new process or calendar means for the cases that run: they stay with what they began with (§7)."""

from collections.abc import Sequence
from typing import Any

from chassis.db import Tx
from chassis.definitions import Effect
from workflow.adapters.cases import to_read
from workflow.adapters.rulebook import OPENING
from workflow.domain.calendar import Calendar
from workflow.domain.definition import GRADES, Definition
from workflow.domain.sla import deadline

MOST_CASES = 2_000
_EXAMPLES = 10


async def process_effects(tx: Tx, new: Definition, current: Definition | None) -> list[Effect]:
    running = await tx.fetch(
        "SELECT stage, count(*) AS n FROM cases WHERE state <> 'closed' AND definition = $1 GROUP BY stage"
        " ORDER BY n DESC, stage",
        new.name,
    )
    return [
        await _opening(tx, new),
        *_pinned(running),
        *(_stages(new, current, running) if current else ()),
        *(_tasks(new, current) if current else ()),
        *(_deadlines(new, current) if current else ()),
    ]


async def _opening(tx: Tx, new: Definition) -> Effect:
    opening = await tx.fetchrow(OPENING)
    name = opening["name"] if opening else ""
    if not new.opens_new_cases:
        return Effect("new_cases_stay", f"新案件继续使用流程 {name}", f"new cases go on following {name}")
    zh, en = f"新案件使用 {new.name} 第 {new.version} 版", f"new cases follow {new.name} version {new.version}"
    if name not in ("", new.name):
        zh, en = f"{zh},不再使用 {name}", f"{en}, no longer {name}"
        return Effect("new_cases_move", zh, en, severity="warning")
    return Effect("new_cases_follow", zh, en)


def _pinned(running: Sequence[Any]) -> list[Effect]:
    n = sum(row["n"] for row in running)
    if not n:
        return []
    stages = [f"{row['stage']}: {row['n']}" for row in running]
    return [
        Effect(
            "cases_stay",
            f"{n} 个未关闭案件按其开始时的版本继续",
            f"{n} open cases stay with the version they began with",
            n,
            stages,
        )
    ]


def _stages(new: Definition, current: Definition, running: Sequence[Any]) -> list[Effect]:
    before, after = [s.key for s in current.stages], [s.key for s in new.stages]
    added, removed = [key for key in after if key not in before], [key for key in before if key not in after]
    standing = {row["stage"]: row["n"] for row in running}
    effects = []
    if added:
        named = ", ".join(added)
        effects.append(Effect("stages_added", f"新增阶段:{named}", f"stages added: {named}", len(added), added))
    if removed:
        named, n = ", ".join(removed), sum(standing.get(key, 0) for key in removed)
        zh = f"删除阶段:{named};其中仍有 {n} 个案件,按原版本完成"
        en = f"stages removed: {named}; {n} open cases stand there and finish by their own version"
        severity = "warning" if n else "info"
        effects.append(Effect("stages_removed", zh, en, n, removed, severity))  # type: ignore[arg-type]
    return effects


def _tasks(new: Definition, current: Definition) -> list[Effect]:
    before, after = _kinds_of_tasks(current), _kinds_of_tasks(new)
    effects = []
    if added := [kind for kind in after if kind not in before]:
        named = ", ".join(added)
        effects.append(Effect("tasks_added", f"新增任务:{named}", f"tasks added: {named}", len(added), added))
    if removed := [kind for kind in before if kind not in after]:
        named = ", ".join(removed)
        effects.append(Effect("tasks_removed", f"删除任务:{named}", f"tasks removed: {named}", len(removed), removed))
    return effects


def _kinds_of_tasks(definition: Definition) -> list[str]:
    return [task.kind for stage in definition.stages for task in stage.tasks]


def _deadlines(new: Definition, current: Definition) -> list[Effect]:
    changed = []
    for grade in GRADES:
        before, after = current.grades[grade], new.grades[grade]
        if (before.clock, before.case_hours, before.response_hours) != (
            after.clock,
            after.case_hours,
            after.response_hours,
        ):
            changed.append(f"{grade}: {_hours(before)} → {_hours(after)}")
    if not changed:
        return []
    zh, en = "新案件的期限改变(答复 / 结案)", "deadlines of new cases change (response / closure)"
    return [Effect("deadlines_change", zh, en, len(changed), changed)]


def _hours(policy: Any) -> str:
    return f"{policy.response_hours:g} h / {policy.case_hours:g} h {policy.clock}"


async def calendar_effects(tx: Tx, new: Calendar, current: Calendar | None) -> list[Effect]:
    """How many open cases would be due at another time if they were new: the newest MOST_CASES are looked at."""
    rows = await tx.fetch(
        "SELECT case_id::text FROM cases WHERE state <> 'closed' AND calendar = $1 AND due_at IS NOT NULL"
        " ORDER BY opened_at DESC, case_id DESC LIMIT $2",
        new.name,
        MOST_CASES,
    )
    if not rows:
        return []
    moved = []
    for file in (await to_read(tx, [row["case_id"] for row in rows])).values():
        due = _due(file, new)
        if due != file.case.due_current_at:
            moved.append(f"{file.case.number}: {_minute(file.case.due_current_at)} → {_minute(due)}")
    n = len(rows)
    zh = f"最近 {n} 个未关闭案件中,{len(moved)} 个若为新案件则期限不同;它们保留原有期限"
    en = f"of the newest {n} open cases {len(moved)} would be due at another time if they were new; they keep theirs"
    return [Effect("due_dates_differ", zh, en, len(moved), sorted(moved)[:_EXAMPLES])]


def _due(file: Any, calendar: Calendar) -> Any:
    try:
        found = deadline(file.ledger, file.definition, calendar)
    except ValueError:  # the calendar ends before it
        return None
    return found.due_current_at if found else None


def _minute(at: Any) -> str:
    return f"{at:%Y-%m-%d %H:%M}Z" if at else "–"
