"""Rules between the parts of a definition: what would leave a case stuck is refused before it is published."""

from collections import Counter
from collections.abc import Iterator

from workflow.domain.definition import EVENT_DELIVERABLES, GRADES, Definition, Stage

Fault = tuple[str, str]


def faults_of(definition: Definition) -> list[Fault]:
    """Place and text of every fault; empty when cases can run by this definition."""
    return [
        *_grades(definition),
        *_keys(definition),
        *_order(definition),
        *_references(definition),
        *_gates(definition),
        *_hours(definition),
    ]


def _grades(definition: Definition) -> Iterator[Fault]:
    for grade in GRADES:
        if grade not in definition.grades:
            yield f"grades.{grade}", "every grade needs its deadlines"
    for grade, policy in definition.grades.items():
        if grade not in GRADES:
            yield f"grades.{grade}", "unknown grade"
        if policy.manager_after_hours < policy.lead_after_hours:
            yield f"grades.{grade}.manager_after_hours", "managers are told after the lead, not before"


def _keys(definition: Definition) -> Iterator[Fault]:
    stages = [stage.key for stage in definition.stages]
    tasks = [task.kind for stage in definition.stages for task in stage.tasks]
    delivered = [kind for stage in definition.stages for task in stage.tasks for kind in task.delivers]
    for what, names in (("stage", stages), ("task", tasks), ("deliverable", delivered)):
        for name, times in Counter(names).items():
            if times > 1:
                yield "stages", f"{what} {name} occurs {times} times"


def _order(definition: Definition) -> Iterator[Fault]:
    closing = [index for index, stage in enumerate(definition.stages) if stage.closing]
    if len(closing) != 1:
        yield "stages", f"exactly one stage closes the case, not {len(closing)}"
        return
    for index, stage in enumerate(definition.stages):
        place = f"stages[{index}]"
        if stage.after_close != (index > closing[0]):
            yield f"{place}.after_close", "stages after the closing one, and only those, are after_close"
        if stage.skip_from and index >= closing[0]:
            yield f"{place}.skip_from", "the fast path leads to the closing stage from an earlier one"
        if not stage.closing and not stage.tasks and not stage.gate:
            yield place, "a stage without task and gate would be passed by nobody's doing"


def _references(definition: Definition) -> Iterator[Fault]:
    for place, stage in _placed(definition):
        if stage.department not in definition.departments:
            yield f"{place}.department", f"unknown department {stage.department}"
        for number, task in enumerate(stage.tasks):
            at = f"{place}.tasks[{number}]"
            if task.department not in definition.departments:
                yield f"{at}.department", f"unknown department {task.department}"
            for kind in task.delivers:
                if kind not in definition.deliverables:
                    yield f"{at}.delivers", f"unknown deliverable {kind}"
                elif kind in EVENT_DELIVERABLES:
                    yield f"{at}.delivers", f"{kind} is fulfilled by an event, not by a task"
            if task.completed_by is not None and task.completed_by not in definition.deliverables:
                yield f"{at}.completed_by", f"unknown deliverable {task.completed_by}"


def _gates(definition: Definition) -> Iterator[Fault]:
    """A gate opens by a task of its own or an earlier stage, or by an event; else never."""
    delivered: set[str] = set()
    for place, stage in _placed(definition):
        delivered.update(kind for task in stage.tasks for kind in task.delivers)
        for number, item in enumerate(stage.gate):
            at = f"{place}.gate[{number}].kind"
            if item.kind not in definition.deliverables:
                yield at, f"unknown deliverable {item.kind}"
            elif item.kind not in delivered | EVENT_DELIVERABLES:
                yield at, f"nothing delivers {item.kind} by then: this gate could never open"


def _hours(definition: Definition) -> Iterator[Fault]:
    for grade in GRADES:
        policy = definition.grades.get(grade)
        spent = sum(stage.due_hours[grade] for stage in definition.stages if not stage.after_close)
        if policy is not None and spent > policy.case_hours:
            yield f"grades.{grade}.case_hours", f"the stages need {spent:g} h, the case has {policy.case_hours:g} h"


def _placed(definition: Definition) -> Iterator[tuple[str, Stage]]:
    for index, stage in enumerate(definition.stages):
        yield f"stages[{index}]", stage
