"""Hours that a grade promises: told by whoever asks for a back-test, for intake owns no deadlines (docs/grading.md)."""

from collections.abc import Mapping, Sequence
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import GRADES
from redress.intake.v1 import grading_pb2 as pb

CLOCKS = ("calendar", "working")
_MOST_HOURS = 10_000
DEFAULT: Mapping[str, dict[str, Any]] = {
    "urgent": {"response_hours": 2.0, "case_hours": 24.0, "clock": "calendar"},
    "important": {"response_hours": 4.0, "case_hours": 40.0, "clock": "working"},
    "routine": {"response_hours": 8.0, "case_hours": 80.0, "clock": "working"},
}
"""Of the processes as shipped."""


def targets_of(request: pb.StartBackTestRequest) -> tuple[dict[str, dict[str, Any]], str]:
    """Grade -> its targets, and where they are from. Raises Invalid naming each fault."""
    if not request.targets:
        return {grade: dict(target) for grade, target in DEFAULT.items()}, "default"
    faults = list(_faults(request.targets))
    if faults:
        raise Invalid("these targets cannot be used", faults)
    found = {
        t.grade: {"response_hours": t.response_hours, "case_hours": t.case_hours, "clock": t.clock}
        for t in request.targets
    }
    return found, request.targets_source[:100] or "request"


def _faults(targets: Sequence[pb.GradeTarget]) -> list[FieldError]:
    faults = []
    if sorted(target.grade for target in targets) != sorted(GRADES):
        faults.append(FieldError("targets", f"one for each of {', '.join(GRADES)}"))
    for n, target in enumerate(targets):
        if target.clock not in CLOCKS:
            faults.append(FieldError(f"targets[{n}].clock", f"must be one of {', '.join(CLOCKS)}"))
        for name in ("response_hours", "case_hours"):
            if not 0 < getattr(target, name) <= _MOST_HOURS:
                faults.append(FieldError(f"targets[{n}].{name}", f"above 0, up to {_MOST_HOURS}"))
    return faults
