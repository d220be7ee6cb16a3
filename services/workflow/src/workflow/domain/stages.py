"""From stage to stage: enter, pass, return. A stage passes by itself once its tasks are done and its gate is open."""

from chassis.errors import FieldError, IllegalTransition, Invalid, MissingDeliverable
from workflow.domain import possible
from workflow.domain.case import CLOSED, OPEN, Act, CaseFile, Task, Visit, newest
from workflow.domain.definition import Stage
from workflow.domain.tasks import cancel, first_task, open_task, tell_assigned


def enter(file: CaseFile, stage: Stage, act: Act, *, rework: bool = False) -> list[Task]:
    """Begins a visit and opens its tasks; those an event has already fulfilled only when it is rework."""
    case = file.case
    case.stage, case.department, case.since = stage.key, stage.department, act.at
    case.visit = newest(file.visits, stage.key) + 1
    case.stage_due_at = file.due_in(act.at, stage.due_hours[case.grade])
    visit = Visit(case_id=case.case_id, stage=stage.key, visit=case.visit, t_enter=act.at)
    file.visits.append(visit)
    file.touch(visit)
    wanted = [spec for spec in stage.tasks if case.path in spec.paths]
    return [
        open_task(file, spec, act)
        for spec in wanted
        if rework or spec.completed_by is None or not file.satisfied(spec.completed_by)
    ]


def leave(file: CaseFile, act: Act, outcome: str) -> None:
    for visit in file.visits:
        if visit.stage == file.case.stage and visit.t_exit is None:
            visit.t_exit, visit.outcome = act.at, outcome
            file.touch(visit)


def settle(file: CaseFile, act: Act) -> None:
    """Passes every stage that waits for nothing more: several at once when finished work is linked."""
    while _waits_for_nothing(file):
        _pass(file, act)


def advance(file: CaseFile, act: Act) -> None:
    """By hand; raises IllegalTransition, or MissingDeliverable naming the deliverables and tasks still owed."""
    possible.require(file, possible.ADVANCE)
    owed = file.missing()
    owed += [task.kind for task in file.undone() if not set(owed) & {*task.delivers, task.completed_by}]
    if owed:
        raise MissingDeliverable(f"stage {file.case.stage} still needs {', '.join(owed)}", possible=owed)
    _pass(file, act)
    settle(file, act)


def _waits_for_nothing(file: CaseFile) -> bool:
    if file.undone() or file.missing() or file.stage.closing:
        return False
    if file.case.state == CLOSED:
        return possible.ADVANCE in possible.possible(file)
    return file.case.state == OPEN


def _pass(file: CaseFile, act: Act) -> None:
    passed = file.stage
    leave(file, act, "done")
    following = file.definition.after(passed)
    if following is None:
        file.change()
        file.note("process_finished", act)
        return
    tell_entered(file, act, passed.key, "done", enter(file, following, act))


def tell_entered(file: CaseFile, act: Act, from_stage: str, from_outcome: str, tasks: list[Task]) -> None:
    """One event carries stage and first task; further tasks have events of their own."""
    case = file.case
    file.tell(
        "CaseStageEntered",
        act,
        stage=case.stage,
        visit=case.visit,
        from_stage=from_stage,
        from_outcome=from_outcome,
        due_at=case.stage_due_at,
        task=first_task(tasks),
    )
    file.note("stage_entered", act, visit=case.visit, from_stage=from_stage, from_outcome=from_outcome)
    tell_further(file, act, tasks)


def tell_further(file: CaseFile, act: Act, tasks: list[Task]) -> None:
    for task in tasks[1:]:
        tell_assigned(file, task, act, reassigned=False)


def return_to(file: CaseFile, to_stage: str, reason: str, act: Act) -> None:
    """Back to an earlier stage the case has been in; what its tasks had delivered must be delivered again."""
    possible.require(file, possible.RETURN)
    targets = possible.returnable(file)
    if to_stage not in {stage.key for stage in file.definition.stages}:
        raise Invalid("unknown stage", [FieldError("to_stage", f"one of {', '.join(targets)}")])
    if to_stage not in targets:
        raise IllegalTransition(f"the case cannot return to {to_stage}", possible=targets)
    from_stage = file.case.stage
    leave(file, act, "returned")
    tasks = rework(file, to_stage, from_stage, act)
    case = file.case
    file.tell(
        "CaseStageReturned",
        act,
        stage=to_stage,
        visit=case.visit,
        from_stage=from_stage,
        due_at=case.stage_due_at,
        task=first_task(tasks),
    )
    file.note("stage_returned", act, text=reason, visit=case.visit, from_stage=from_stage)
    tell_further(file, act, tasks)


def rework(file: CaseFile, to_stage: str, from_stage: str, act: Act) -> list[Task]:
    """Enters `to_stage` once more: open tasks go, and what was handed in from there on no longer counts."""
    first, last = file.definition.position(to_stage), file.definition.position(from_stage)
    for task in file.undone():
        if not _still_to_decide(file, task, first):
            cancel(file, task, "returned")
    for stage in file.definition.stages[first : last + 1]:
        for kind in (kind for spec in stage.tasks for kind in spec.delivers):
            if kind in file.deliverables:
                file.deliverables[kind].state = "withdrawn"
                file.touch(file.deliverables[kind])
    return enter(file, file.definition.stage(to_stage), act, rework=True)


def _still_to_decide(file: CaseFile, task: Task, target: int) -> bool:
    """A review of something withdrawn even before the target stage is not answered by this return."""
    if task.kind != possible.WITHDRAWN_REVIEW:
        return False
    owner = file.definition.stage_of_deliverable(task.delivers[0])
    return owner is not None and file.definition.position(owner.key) < target
