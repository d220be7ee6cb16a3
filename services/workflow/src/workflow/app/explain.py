"""Why a deadline is what it is."""

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import NotFound
from chassis.messages import to_message
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.adapters.cases import look
from workflow.app.work import known_id, person_of
from workflow.domain.case import CaseFile
from workflow.domain.sla import working_seconds


async def explain_deadline(tx: Tx, call: Call, request: pb.GetCaseRequest) -> pb.ExplainDeadlineReply:
    """The ledger, the calendar, and both clocks so far (DOMAIN §1)."""
    await person_of(tx, call)
    file = await look(tx, known_id(request.case_id, "case"))
    if file is None:
        raise NotFound("there is no such case")
    case = file.case
    until = case.closed_at or tx.now
    return to_message(
        pb.ExplainDeadlineReply,
        {
            "due_at": case.due_at,
            "due_current_at": case.due_current_at,
            "calendar": case.calendar,
            "calendar_version": case.calendar_version,
            "entries": [vars(entry) for entry in file.ledger],
            "calendar_seconds": max(0.0, (until - case.opened_at).total_seconds()),
            "working_seconds": working_seconds(file.calendar, file.ledger, until),
            "text": _sentence(file),
        },
    )


def _sentence(file: CaseFile) -> str:
    case = file.case
    if case.due_at is None or case.due_current_at is None:
        return "历史记录,不计时 / An old record: no clock runs"
    policy = file.definition.grades[case.grade]
    clock = "around the clock" if file.clock.around_the_clock else f"working time of calendar {case.calendar}"
    parts = [f"{case.grade}: {policy.case_hours:g} h, {clock}, from {case.opened_at.isoformat()}"]
    moves = [entry.kind for entry in file.ledger if entry.kind not in ("start", "stop")]
    if moves:
        parts.append(f"moved by {', '.join(moves)} from {case.due_at.isoformat()}")
    return "; ".join(parts) + f"; due {case.due_current_at.isoformat()}"
