"""The grade after the first one: set by hand, or found anew when a fact changed."""

from collections.abc import Mapping
from typing import Any

from chassis.call import Call
from chassis.db import Tx
from chassis.errors import Conflict, FieldError, Invalid
from intake.adapters import writes
from intake.app.load import check_not_merged, found, held
from intake.app.queries import whole
from intake.domain.complaint import GRADES
from intake.domain.grading import Graded
from intake.domain.verdicts import check_reason
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1.events import ComplaintRegraded

_CODES = ("wrong_then", "new_information")


async def regrade(tx: Tx, call: Call, request: pb.RegradeRequest) -> pb.Complaint:
    """Sets a grade by hand. `wrong_then` counts against grading accuracy, `new_information` does not (DOMAIN §2)."""
    call.require("customer_service", "quality", "manager")
    row = await held(tx, call, request.complaint_id, if_version=request.if_version)
    check_not_merged(row)
    reason = _checked(request, row["grade"])
    last = await last_grading(tx, row["complaint_id"])
    by_hand = last | {
        "n": last["n"] + 1,
        "grade": request.grade,
        "source": "override",
        "reason_code": request.reason_code,
        "reason": reason,
        "by": call.actor,
        "at": tx.now,
    }
    await writes.GRADINGS.run(tx, [tuple(by_hand[name] for name in writes.GRADINGS.columns)])
    await _set_grade(tx, row, request.grade, row["version"] + 1, request.reason_code)
    _audit(tx, call, row, request.grade, request.reason_code, reason)
    return await whole(tx, await found(tx, call, request.complaint_id))


def _checked(request: pb.RegradeRequest, current: str) -> str:
    faults = []
    if request.grade not in GRADES:
        faults.append(FieldError("grade", f"must be one of {', '.join(GRADES)}"))
    if request.reason_code not in _CODES:
        faults.append(FieldError("reason_code", f"must be one of {', '.join(_CODES)}"))
    if faults:
        raise Invalid("the grade cannot be set like this", faults)
    if request.grade == current:
        raise Conflict(
            "same_grade", "the complaint has that grade already", possible=[g for g in GRADES if g != current]
        )
    return check_reason(request.reason)


async def last_grading(tx: Tx, complaint_id: Any) -> dict[str, Any]:
    row = await tx.fetchrow("SELECT * FROM gradings WHERE complaint_id = $1 ORDER BY n DESC LIMIT 1", complaint_id)
    assert row is not None, "a complaint is graded when it is registered"
    return dict(row)


async def graded_anew(
    tx: Tx, call: Call, row: Mapping[str, Any], last: Mapping[str, Any], graded: Graded, reason_code: str
) -> None:
    """A further grading by the table, after the update that caused it; told to others only when the grade moved."""
    trace = (graded.grade, "table", graded.table, graded.version, graded.row, dict(graded.inputs))
    await writes.GRADINGS.run(tx, [(row["complaint_id"], last["n"] + 1, *trace, reason_code, "", call.actor, tx.now)])
    if graded.grade != row["grade"]:
        await _set_grade(tx, row, graded.grade, row["version"] + 2, reason_code)
        _audit(tx, call, row, graded.grade, reason_code, f"table {graded.table} {graded.version}, row {graded.row}")


async def _set_grade(tx: Tx, row: Mapping[str, Any], grade: str, version: int, reason_code: str) -> None:
    await tx.execute(
        "UPDATE complaints SET grade = $2, version = $3 WHERE complaint_id = $1", row["complaint_id"], grade, version
    )
    complaint_id = str(row["complaint_id"])
    event = ComplaintRegraded(
        complaint_id=complaint_id,
        old_grade=row["grade"],
        grade=grade,  # type: ignore[arg-type]
        reason_code=reason_code,  # type: ignore[arg-type]
        at=tx.now,
    )
    tx.emit(event, subject=complaint_id, sequence=version)


def _audit(tx: Tx, call: Call, row: Mapping[str, Any], grade: str, reason_code: str, reason: str) -> None:
    tx.audit(
        aggregate_type="complaint",
        aggregate_id=str(row["complaint_id"]),
        action="regraded",
        call=call,
        changes={"grade": [row["grade"], grade], "reason_code": [None, reason_code]},
        reason=reason,
    )
