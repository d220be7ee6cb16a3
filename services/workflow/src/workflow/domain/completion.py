"""Completing a task by hand: what it must deliver, and of which type."""

from collections.abc import Mapping
from typing import Any

from chassis.errors import Conflict, FieldError, Invalid, MissingDeliverable
from workflow.domain import possible
from workflow.domain.case import Act, CaseFile, Task
from workflow.domain.definition import DeliverableSpec
from workflow.domain.deliverables import fulfil
from workflow.domain.stages import settle
from workflow.domain.tasks import finish, require_undone

_LONGEST_TEXT = 4000


def complete(file: CaseFile, task: Task, act: Act, result: str, values: Mapping[str, Any]) -> None:
    """Hands in the task's deliverables and moves the case on when that was the last thing its stage waited for.

    Raises IllegalTransition (task done, case paused), MissingDeliverable (names the kinds), Invalid (wrong type).
    """
    require_undone(file, task)
    if task.kind == possible.WITHDRAWN_REVIEW:
        raise Conflict("decide_withdrawal", "return the case or waive with a reason", possible=["return", "waive"])
    if task.completed_by is not None and not file.satisfied(task.completed_by):
        raise MissingDeliverable(f"the task ends with {task.completed_by}", possible=[task.completed_by])
    handed_in = accepted(file, task, values)
    for kind, value in handed_in.items():
        fulfil(file, kind, task.task_id, act, value=value)
    file.change()
    finish(file, task, act, result)
    settle(file, act)


def accepted(file: CaseFile, task: Task, values: Mapping[str, Any]) -> dict[str, Any]:
    """The typed values by kind; a confirmation is given by completing the task."""
    specs = {kind: file.definition.deliverables[kind] for kind in task.delivers}
    unknown = sorted(set(values) - set(specs))
    if unknown:
        raise Invalid(
            "this task does not deliver that",
            [FieldError(f"deliverables.{kind}", "not of this task") for kind in unknown],
        )
    given = {kind: True for kind, spec in specs.items() if spec.type == "confirmation"} | dict(values)
    missing = [kind for kind in specs if given.get(kind) is None and not file.satisfied(kind)]
    if missing:
        raise MissingDeliverable(f"{task.kind} delivers {', '.join(missing)}", possible=missing)
    faults = [fault for kind, value in given.items() if (fault := _fault(specs[kind], value)) is not None]
    if faults:
        raise Invalid("a deliverable has the wrong form", faults)
    return given


def _fault(spec: DeliverableSpec, value: Any) -> FieldError | None:
    text = _CHECKS[spec.type](spec, value)
    return FieldError(f"deliverables.{spec.kind}", text) if text else None


def _confirmation(_spec: DeliverableSpec, value: Any) -> str:
    return "" if value is True or (isinstance(value, str) and value.strip()) else "true, or a text that says how"


def _text(_spec: DeliverableSpec, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return "a text"
    return "" if len(value) <= _LONGEST_TEXT else f"at most {_LONGEST_TEXT} characters"


def _choice(spec: DeliverableSpec, value: Any) -> str:
    return "" if value in spec.choices else f"one of {', '.join(spec.choices)}"


def _callback(_spec: DeliverableSpec, value: Any) -> str:
    if (
        not isinstance(value, dict)
        or set(value) - {"reached", "satisfied"}
        or not isinstance(value.get("reached"), bool)
    ):
        return '{"reached": true or false, "satisfied": 1 to 5 or null}'
    rating = value.get("satisfied")
    if rating is None:
        return ""
    if isinstance(rating, bool) or not isinstance(rating, int) or not 1 <= rating <= 5:
        return "satisfied is 1 to 5, or null"
    return "" if value["reached"] else "nobody was reached, so nobody can have rated"


def _event(_spec: DeliverableSpec, _value: Any) -> str:
    return "fulfilled by an event"


_CHECKS = {"confirmation": _confirmation, "text": _text, "choice": _choice, "callback": _callback, "event": _event}
