"""A registered complaint becomes a case."""

from dataclasses import dataclass
from datetime import datetime

from workflow.domain.calendar import Calendar
from workflow.domain.case import CLOSED, OPEN, Act, Case, CaseFile, Deliverable, Task, Visit
from workflow.domain.definition import Definition
from workflow.domain.notices import arm
from workflow.domain.sla import START, deadline
from workflow.domain.stages import tell_further
from workflow.domain.tasks import first_task, open_task


@dataclass(frozen=True)
class Complaint:
    complaint_id: str
    number: str
    grade: str
    product_family: str
    language: str
    reachable: bool
    historical: bool
    t_received: datetime
    t_registered: datetime
    t_closed: datetime | None
    sequence: int

    @property
    def begins_at(self) -> datetime:
        """Clocks run from registration, which is when the expected handling time is promised; the KPI FRT still
        counts from t_received. An old record keeps its own dates."""
        return self.t_received if self.historical else self.t_registered


def open_case(
    complaint: Complaint, definition: Definition, calendar: Calendar, deliverables: list[Deliverable], act: Act
) -> CaseFile:
    """The case with its first stage and task. Historical ones have no clock and no task, and may be closed already."""
    file = CaseFile(_case(complaint, definition, calendar), definition, calendar)
    file.deliverables = {deliverable.kind: deliverable for deliverable in deliverables}
    if complaint.historical:
        tasks = _historical(file, complaint)
    else:
        _start_clock(file, act)
        tasks = [open_task(file, spec, act) for spec in definition.first.tasks if file.case.path in spec.paths]
    _tell_opened(file, complaint, tasks, act)
    tell_further(file, act, tasks)
    return file


def _case(complaint: Complaint, definition: Definition, calendar: Calendar) -> Case:
    first = definition.first
    return Case(
        case_id=complaint.complaint_id,
        number=complaint.number,
        version=0,
        definition=definition.name,
        definition_version=definition.version,
        calendar=calendar.name,
        calendar_version=calendar.version,
        state=OPEN,
        stage=first.key,
        visit=1,
        grade=complaint.grade,
        product_family=complaint.product_family,
        department=first.department,
        since=complaint.begins_at,
        opened_at=complaint.begins_at,
        historical=complaint.historical,
        grade_sequence=complaint.sequence,
        facts_sequence=complaint.sequence,
    )


def _start_clock(file: CaseFile, act: Act) -> None:
    case = file.case
    entry = file.write(START, act, reason="registered", grade=case.grade)
    entry.at = case.opened_at
    due = deadline(file.ledger, file.definition, file.calendar)
    assert due is not None
    case.due_at, case.due_current_at, case.response_due_at = due.due_at, due.due_current_at, due.response_due_at
    entry.due_at = due.due_at
    case.stage_due_at = file.due_in(case.opened_at, file.stage.due_hours[case.grade])
    _first_visit(file)
    arm(file, act.at)


def _historical(file: CaseFile, complaint: Complaint) -> list[Task]:
    case = file.case
    if complaint.t_closed is None:
        _first_visit(file)
        return []
    closing = file.definition.closing
    case.state, case.stage, case.department = CLOSED, closing.key, closing.department
    case.closed_at = case.closed_first_at = complaint.t_closed
    return []


def _first_visit(file: CaseFile) -> None:
    visit = Visit(case_id=file.case.case_id, stage=file.case.stage, visit=1, t_enter=file.case.opened_at)
    file.visits.append(visit)
    file.touch(visit)


def _tell_opened(file: CaseFile, complaint: Complaint, tasks: list[Task], act: Act) -> None:
    case = file.case
    file.tell(
        "CaseOpened",
        act,
        number=case.number,
        definition=case.definition,
        definition_version=case.definition_version,
        stage=case.stage,
        grade=case.grade,
        due_at=case.due_at,
        response_due_at=case.response_due_at,
        task=first_task(tasks),
        historical=case.historical,
        language=complaint.language,
        reachable=complaint.reachable,
    )
    file.facts[-1].fields["at"] = case.opened_at
    file.note("case_opened", act, grade=case.grade, definition=case.definition, historical=case.historical)
