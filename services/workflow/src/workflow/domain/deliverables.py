"""Deliverables open gates; a withdrawal closes them again, or asks for a decision when the gate has passed."""

from typing import Any

from chassis.errors import FieldError, IllegalTransition, Invalid
from workflow.domain import possible
from workflow.domain.case import CLOSED, Act, CaseFile, Deliverable, Visit
from workflow.domain.tasks import cancel, finish, open_review, open_task, tell_assigned


def supersedes(known: Deliverable | None, incoming: Deliverable) -> bool:
    """Whether news about a deliverable counts: not when it is older than what we know of the same thing, and a
    withdrawal not when something else has fulfilled it meanwhile. Events of one owner may come in any order."""
    if known is None:
        return True
    if known.ref == incoming.ref:
        return incoming.sequence > known.sequence
    return incoming.state == "fulfilled" or known.state == "missing"


def fulfil(file: CaseFile, kind: str, ref: str, act: Act, *, value: Any = None, sequence: int = 0) -> bool:
    """Records a deliverable and finishes the tasks that waited for it; False for old news. `settle` comes after."""
    known = file.deliverables.get(kind)
    incoming = Deliverable(
        case_id=file.case.case_id,
        kind=kind,
        state="fulfilled",
        ref=ref,
        by=act.by,
        at=act.at,
        value=value,
        sequence=sequence,
    )
    if sequence and not supersedes(known, incoming):
        return False
    _put(file, incoming)
    if known is None or known.state != "fulfilled":
        file.change()
    for task in file.undone():
        if task.completed_by == kind or (task.kind == possible.WITHDRAWN_REVIEW and kind in task.delivers):
            finish(file, task, act, "")
    return True


def called_back(file: CaseFile, ref: str, rating: int | None, act: Act, *, sequence: int) -> None:
    """The customer was reached by phone: what the current gate waits for as a call-back is there, its tasks are done.

    Before that stage, or once the gate has it, a call-back is a line of the story and no more.
    """
    if file.case.state == CLOSED:
        return
    for kind in file.missing():
        if file.definition.deliverables[kind].type == "callback":
            fulfil(file, kind, ref, act, value={"reached": True, "satisfied": rating}, sequence=sequence)
            for task in file.undone():
                if kind in task.delivers and all(map(file.satisfied, task.delivers)):
                    finish(file, task, act, "")


def withdraw(file: CaseFile, kind: str, ref: str, act: Act, *, sequence: int) -> bool:
    """Before its gate passed: the gate is closed again. After: the stage's department gets a review task.

    A closed case keeps its end (a case is not a CAPA): the withdrawal is recorded, nobody is asked. False for old news.
    """
    incoming = Deliverable(
        case_id=file.case.case_id, kind=kind, state="withdrawn", ref=ref, by=act.by, at=act.at, sequence=sequence
    )
    if not supersedes(file.deliverables.get(kind), incoming):
        return False
    _put(file, incoming)
    file.change()
    owner = file.definition.stage_of_deliverable(kind)
    if owner is None or file.case.state == CLOSED:
        return True
    if owner.key == file.case.stage:
        _ask_again(file, kind, act)
    elif _passed(file, owner.key) and not _under_review(file, kind):
        tell_assigned(file, open_review(file, kind, owner.department, ref, act), act, reassigned=False)
    return True


def waive(file: CaseFile, kind: str, reason: str, act: Act) -> None:
    """A missing or withdrawn deliverable is done without, by name and reason; its tasks are cancelled."""
    possible.require(file, possible.WAIVE)
    if kind not in file.definition.deliverables:
        raise Invalid("unknown deliverable", [FieldError("kind", f"one of {', '.join(possible.waivable(file))}")])
    if kind not in possible.waivable(file):
        raise IllegalTransition(f"{kind} is not missing", possible=possible.waivable(file))
    known = file.deliverables.get(kind)
    _put(
        file,
        Deliverable(
            case_id=file.case.case_id,
            kind=kind,
            state="waived",
            ref=known.ref if known else "",
            by=act.by,
            at=act.at,
            sequence=known.sequence if known else 0,
            reason=reason,
        ),
    )
    file.change()
    file.note("deliverable_waived", act, text=reason, deliverable=kind)
    for task in file.undone():
        if task.kind == possible.WITHDRAWN_REVIEW and kind in task.delivers:
            finish(file, task, act, reason)
        elif task.completed_by == kind or (task.delivers and all(map(file.satisfied, task.delivers))):
            cancel(file, task, "waived")


def _put(file: CaseFile, deliverable: Deliverable) -> None:
    file.deliverables[deliverable.kind] = deliverable
    file.touch(deliverable)


def _ask_again(file: CaseFile, kind: str, act: Act) -> None:
    """The task that waits for the deliverable may be done already; then there is one more."""
    waiting = {task.kind for task in file.undone()}
    for spec in file.stage.tasks:
        if spec.completed_by == kind and spec.kind not in waiting and file.case.path in spec.paths:
            tell_assigned(file, open_task(file, spec, act), act, reassigned=False)


def _passed(file: CaseFile, stage: str) -> bool:
    visits: list[Visit] = [visit for visit in file.visits if visit.stage == stage]
    return bool(visits) and max(visits, key=lambda visit: visit.visit).outcome == "done"


def _under_review(file: CaseFile, kind: str) -> bool:
    return any(task.kind == possible.WITHDRAWN_REVIEW and kind in task.delivers for task in file.undone())
