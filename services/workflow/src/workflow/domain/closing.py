"""The ends of a case: the fast path, the close with a coded outcome, the duplicate, and the way back."""

from dataclasses import replace

from chassis.errors import FieldError, IllegalTransition, Invalid, MissingDeliverable
from workflow.domain import possible
from workflow.domain.case import CLOSED, OPEN, Act, CaseFile, Outcome, Visit, newest
from workflow.domain.notices import arm
from workflow.domain.sla import EXTEND, RESUME, STOP, working_seconds
from workflow.domain.stages import enter, leave, rework, settle, tell_entered, tell_further
from workflow.domain.tasks import cancel, first_task
from workflow.domain.timing import retime

OUTCOMES = ("resolved", "not_justified", "withdrawn", "no_trouble_found", "duplicate", "referred_outside")
REMEDIES = ("repair", "replacement", "refund", "price_cut", "apology", "information", "compensation", "other")


def skip_investigation(file: CaseFile, reason: str, act: Act) -> None:
    """Fast path (DOMAIN: "no investigation needed", 21 CFR 820.35: reason and responsible individual)."""
    possible.require(file, possible.SKIP)
    case = file.case
    from_stage = case.stage
    for task in file.undone():
        cancel(file, task, "skipped")
    leave(file, act, "skipped")
    here, end = file.definition.position(from_stage), file.definition.position(file.definition.closing.key)
    for stage in file.definition.stages[here + 1 : end]:
        _skipped(file, stage.key, act)
    case.path, case.skip_reason, case.skipped_by = "fast", reason, act.by
    tasks = enter(file, file.definition.closing, act)
    file.note("investigation_skipped", act, text=reason, stage=from_stage)
    tell_entered(file, act, from_stage, "skipped", tasks)


def _skipped(file: CaseFile, stage: str, act: Act) -> None:
    visit = Visit(
        case_id=file.case.case_id,
        stage=stage,
        visit=newest(file.visits, stage) + 1,
        t_enter=act.at,
        t_exit=act.at,
        outcome="skipped",
    )
    file.visits.append(visit)
    file.touch(visit)


def close(file: CaseFile, outcome: Outcome, act: Act) -> None:
    """Records the customer's outcome; on the full path the stages after the close begin.

    Raises IllegalTransition, Invalid (outcome incomplete), MissingDeliverable (also while a withdrawal is undecided).
    """
    possible.require(file, possible.CLOSE)
    check_outcome(outcome)
    owed = possible.waivable(file)
    if owed:
        raise MissingDeliverable(f"the case cannot close without {', '.join(owed)}", possible=owed)
    _end(file, outcome, act)
    follow_up = file.definition.after(file.definition.closing)
    if follow_up is None:
        return
    if file.case.path == "fast":
        for stage in file.definition.stages[file.definition.position(follow_up.key) :]:
            _skipped(file, stage.key, act)
        return
    from_stage = file.case.stage
    tell_entered(file, act, from_stage, "done", enter(file, follow_up, act))
    settle(file, act)


def close_as_duplicate(file: CaseFile, into: str, act: Act) -> bool:
    """The complaint was merged into another: the case ends wherever it stands. False when it has ended before."""
    file.case.merged_into = into
    if file.case.state == CLOSED:
        file.change()
        file.note("complaint_merged", act, into=into)
        return False
    for task in file.undone():
        cancel(file, task, "duplicate")
    file.note("complaint_merged", act, into=into)
    _end(file, Outcome("duplicate", None, None, None, "", act.by), act)
    return True


def check_outcome(outcome: Outcome) -> None:
    faults: list[FieldError] = []
    if outcome.code not in OUTCOMES:
        faults.append(FieldError("outcome.code", f"one of {', '.join(OUTCOMES)}"))
    if outcome.remedy is not None and outcome.remedy not in REMEDIES:
        faults.append(FieldError("outcome.remedy", f"one of {', '.join(REMEDIES)}"))
    if outcome.code == "resolved" and outcome.remedy is None:
        faults.append(FieldError("outcome.remedy", "a resolved complaint names its remedy"))
    if outcome.code == "not_justified" and outcome.justified:
        faults.append(FieldError("outcome.justified", "contradicts not_justified"))
    if faults:
        raise Invalid("the outcome is incomplete", faults)


def _end(file: CaseFile, outcome: Outcome, act: Act) -> None:
    case = file.case
    if outcome.code == "not_justified":
        outcome = replace(outcome, justified=False)
    for task in file.undone():
        cancel(file, task, "closed")
    leave(file, act, "done")
    first = case.closed_first_at is None
    case.state, case.closed_at, case.outcome = CLOSED, act.at, outcome
    if first:
        case.closed_first_at, case.first_outcome = act.at, outcome
    worked = None if case.historical else working_seconds(file.calendar, file.ledger, act.at)
    if not case.historical:
        file.write(STOP, act, reason=outcome.code).due_at = case.due_current_at
    arm(file, act.at)
    _tell_closed(file, outcome, first, worked, act)
    file.note("closed", act, text=outcome.reason, outcome=outcome.code, remedy=outcome.remedy, first=first)


def _tell_closed(file: CaseFile, outcome: Outcome, first: bool, worked: float | None, act: Act) -> None:
    case = file.case
    file.tell(
        "CaseClosed",
        act,
        outcome=outcome.code,
        remedy=outcome.remedy,
        accepted=outcome.accepted,
        justified=outcome.justified,
        path=case.path,
        first=first,
        stage=case.stage,
        on_time_original=None if case.due_at is None else act.at <= case.due_at,
        on_time_current=None if case.due_current_at is None else act.at <= case.due_current_at,
        working_seconds=worked,
        rca_ids=file.rca_ids,
        capa_ids=file.capa_ids,
        historical=case.historical,
    )


def reopen(file: CaseFile, reason: str, to_stage: str | None, act: Act) -> None:
    """Open again from the closing stage or an earlier one; first close and first outcome stay.

    The spell between close and reopening does not count, and the stage's hours are added to the current deadline.
    """
    possible.require(file, possible.REOPEN)
    case, closing = file.case, file.definition.closing
    reachable = [stage.key for stage in file.definition.stages if not stage.after_close]
    target = to_stage or closing.key
    if target not in reachable:
        raise IllegalTransition(f"a case reopens in one of {', '.join(reachable)}", possible=reachable)
    leave(file, act, "returned")
    case.state, case.closed_at, case.outcome, case.merged_into = OPEN, None, None, None
    case.reopened_at = [*case.reopened_at, act.at]
    if target != closing.key:
        case.path = "full"
    tasks = rework(file, target, closing.key, act)
    if not case.historical:
        file.write(RESUME, act, reason="reopened")
        file.write(EXTEND, act, reason="reopened", seconds=file.stage.due_hours[case.grade] * 3600)
        retime(file, act)
    file.tell(
        "CaseReopened",
        act,
        stage=target,
        visit=case.visit,
        due_at=case.due_current_at,
        task=first_task(tasks),
    )
    file.note("reopened", act, text=reason, visit=case.visit)
    tell_further(file, act, tasks)
