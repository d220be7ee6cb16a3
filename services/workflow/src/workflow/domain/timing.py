"""Pause and resume, and what every move of the ledger means for the deadlines of case, stage and tasks."""

from chassis.errors import FieldError, Invalid
from workflow.domain import possible
from workflow.domain.case import OPEN, PAUSED, Act, CaseFile
from workflow.domain.notices import arm
from workflow.domain.sla import PAUSE, RESUME, deadline
from workflow.domain.stages import settle
from workflow.domain.tasks import set_due


def pause(file: CaseFile, reason_code: str, reason: str, act: Act) -> None:
    """The clock stands still for a named reason (DOMAIN §1); tasks are not chased meanwhile."""
    possible.require(file, possible.PAUSE)
    if reason_code not in file.definition.pause_reasons:
        allowed = ", ".join(file.definition.pause_reasons)
        raise Invalid("a pause needs a named reason", [FieldError("reason_code", f"one of {allowed}")])
    file.case.state = PAUSED
    file.write(PAUSE, act, reason=reason_code)
    file.tell("CasePaused", act, reason_code=reason_code)
    file.note("paused", act, text=reason, reason_code=reason_code)
    retime(file, act)


def resume(file: CaseFile, act: Act) -> None:
    """Deadlines move by what the clock would have run meanwhile; what arrived meanwhile opens its gates now."""
    possible.require(file, possible.RESUME)
    since = next(entry.at for entry in reversed(file.ledger) if entry.kind == PAUSE)
    file.case.state = OPEN
    file.write(RESUME, act)
    retime(file, act)
    paused = (act.at - since).total_seconds()
    file.tell("CaseResumed", act, due_at=file.case.due_current_at, paused_seconds=paused)
    file.note("resumed", act, paused_seconds=paused)
    settle(file, act)


def retime(file: CaseFile, act: Act) -> None:
    """Recomputes every deadline from the ledger. The original due date is never touched (DOMAIN §2)."""
    now_due = deadline(file.ledger, file.definition, file.calendar)
    if now_due is None:
        return
    case = file.case
    case.due_current_at = now_due.due_current_at
    case.response_due_at = now_due.response_due_at
    file.ledger[-1].due_at = now_due.due_current_at
    hours = file.stage.due_hours[case.grade]
    case.stage_due_at = file.due_in(case.since, hours)
    for task in file.undone():
        due = file.due_in(task.opened_at, hours)
        if due is not None and due > act.at:
            task.escalation = 0
        set_due(file, task, due)
        task.version += 1
        file.touch(task)
    arm(file, act.at)
