"""What others did becomes something that someone must hear. Only rows are written here; the sender does the rest."""

from collections.abc import Iterable, Sequence

from chassis.db import Tx
from chassis.envelope import Received
from notify.adapters import deliveries, notices
from notify.adapters.deliveries import NewDelivery
from notify.adapters.notices import KnownCase, NewNotice
from notify.app import merged, surveys
from notify.app.mailroom import SWITCHED_OFF, Mailroom
from redress.intake.v1.events import ComplaintMerged
from redress.workflow.v1 import events as workflow

_StageEvent = workflow.CaseStageEntered | workflow.CaseStageReturned


async def case_opened(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.CaseOpened]]) -> None:
    """A receipt for the customer, unless the case is a historical record or nobody left an address."""
    known = [KnownCase(e.data.case_id, e.data.number, e.data.grade == "urgent") for e in events]
    await notices.remember_cases(tx, known)
    await _add_letters(room, tx, [_receipt(e) for e in events if e.data.reachable and not e.data.historical])
    await _add_notices(room, tx, (notice for e in events if not e.data.historical and (notice := _first_task(e))))


async def case_closed(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.CaseClosed]]) -> None:
    """The outcome for the customer, and in the same letter whether it satisfied.

    A duplicate closed without investigation is answered with its original: the reporters of what was merged into a case
    get its letter too.
    """
    await notices.remember_ends(tx, [(e.data.case_id, True, e.sequence) for e in events])
    current = [e for e in events if not e.data.historical]
    asked = await surveys.ask_on_closing(room, tx, current)
    letters = [_closing(e, asked.get(e.event_id)) for e in current if not _is_duplicate(e.data)]
    if (await room.templates.current(tx)).has("merged"):
        letters = await merged.without_merged(tx, letters)
    await _add_letters(room, tx, letters + await merged.endings_for_reporters(tx, letters))


async def complaint_merged(room: Mailroom, tx: Tx, events: Sequence[Received[ComplaintMerged]]) -> None:
    """Its reporter is told that it was joined to an earlier report, and of the end of that one if it came before."""
    writes = (await room.templates.current(tx)).has("merged")
    await _add_letters(room, tx, await merged.joined(tx, events, writes=writes))


async def case_reopened(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.CaseReopened]]) -> None:
    await notices.remember_ends(tx, [(e.data.case_id, False, e.sequence) for e in events])
    await _add_notices(room, tx, (notice for e in events if (notice := _first_task(e))))


async def stage_begun(room: Mailroom, tx: Tx, events: Sequence[Received[_StageEvent]]) -> None:
    """The first task of a stage travels in the stage's event."""
    await _add_notices(room, tx, (notice for e in events if (notice := _first_task(e))))


async def task_assigned(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.TaskAssigned]]) -> None:
    await _add_notices(room, tx, (_assigned(e, e.data.assignee) for e in events if e.data.assignee))


async def task_overdue(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.TaskOverdue]]) -> None:
    await _add_notices(room, tx, (_late("task_overdue", e, e.data.assignee) for e in events if e.data.assignee))


async def task_escalated(room: Mailroom, tx: Tx, events: Sequence[Received[workflow.TaskEscalated]]) -> None:
    await _add_notices(room, tx, (_late("escalation", e, person) for e in events for person in e.data.to))


async def _add_letters(room: Mailroom, tx: Tx, letters: Sequence[NewDelivery]) -> None:
    if not letters:
        return
    version = (await room.templates.current(tx)).version
    await deliveries.add(tx, letters, version, skip="" if room.open else SWITCHED_OFF)
    room.knock()


async def _add_notices(room: Mailroom, tx: Tx, new: Iterable[NewNotice]) -> None:
    await notices.add(tx, list(new), room.digest_interval)


def _receipt(event: Received[workflow.CaseOpened]) -> NewDelivery:
    case = event.data
    facts = {"number": case.number, "due_at": case.due_at, "response_due_at": case.response_due_at}
    return NewDelivery("receipt", facts, case.case_id, event.event_id, language=case.language)


def _closing(event: Received[workflow.CaseClosed], survey_id: str | None) -> NewDelivery:
    facts = {"outcome": event.data.outcome, "remedy": event.data.remedy, "survey_id": survey_id}
    return NewDelivery("case_closed", facts, event.data.case_id, event.event_id)


def _is_duplicate(closed: workflow.CaseClosed) -> bool:
    return closed.path == "fast" and closed.outcome == "duplicate"


def _first_task(
    event: Received[workflow.CaseOpened] | Received[_StageEvent] | Received[workflow.CaseReopened],
) -> NewNotice | None:
    task = event.data.task
    if task is None or task.assignee is None:
        return None
    return NewNotice(
        kind="task_assigned",
        person_id=task.assignee,
        task_id=task.task_id,
        case_id=event.data.case_id,
        event_id=event.event_id,
        number=None,
        task_kind=task.kind,
        due_at=task.due_at,
        at_once=False,
    )


def _assigned(event: Received[workflow.TaskAssigned], assignee: str) -> NewNotice:
    task = event.data
    return NewNotice(
        kind="task_assigned",
        person_id=assignee,
        task_id=task.task_id,
        case_id=task.case_id,
        event_id=event.event_id,
        number=None,
        task_kind=task.kind,
        due_at=task.due_at,
        at_once=False,
    )


def _late(
    kind: str, event: Received[workflow.TaskOverdue] | Received[workflow.TaskEscalated], person_id: str
) -> NewNotice:
    task = event.data
    return NewNotice(
        kind=kind,
        person_id=person_id,
        task_id=task.task_id,
        case_id=task.case_id,
        event_id=event.event_id,
        number=task.number,
        task_kind=task.kind,
        due_at=task.due_at,
        at_once=True,
    )
