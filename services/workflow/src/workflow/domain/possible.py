"""What a case accepts now: the table behind every refused transition, and the buttons of a console."""

from chassis.errors import IllegalTransition
from workflow.domain.case import CLOSED, OPEN, PAUSED, CaseFile

ADVANCE, RETURN, PAUSE, RESUME = "advance", "return", "pause", "resume"
SKIP, CLOSE, REOPEN, WAIVE = "skip-investigation", "close", "reopen", "waive"
COMMENT, RESPOND, WORK = "comments", "responses", "tasks"
WITHDRAWN_REVIEW = "withdrawn_review"


def possible(file: CaseFile) -> list[str]:
    """The commands that the case's state and stage allow; who may give them is another question."""
    if file.case.state == PAUSED:
        return [RESUME, COMMENT, RESPOND]
    if file.case.state == CLOSED:
        pending = [ADVANCE, WAIVE, WORK] if file.stage.after_close and _visit_open(file) else []
        return [*pending, REOPEN, COMMENT, RESPOND]
    found = [CLOSE] if file.stage.closing else [ADVANCE]
    if file.stage.skip_from and file.case.path == "full":
        found.append(SKIP)
    if returnable(file):
        found.append(RETURN)
    if waivable(file):
        found.append(WAIVE)
    return [*found, PAUSE, WORK, COMMENT, RESPOND]


def require(file: CaseFile, command: str) -> None:
    """Raises IllegalTransition, with what is possible, unless the case accepts `command` now."""
    allowed = possible(file)
    if command not in allowed:
        stage = f" in stage {file.case.stage}" if file.case.state == OPEN else ""
        raise IllegalTransition(f"{command} is not possible: the case is {file.case.state}{stage}", possible=allowed)


def returnable(file: CaseFile) -> list[str]:
    """Earlier stages that the case has been in, in their order."""
    visited = {visit.stage for visit in file.visits if visit.outcome != "skipped"}
    here = file.definition.position(file.case.stage)
    return [stage.key for stage in file.definition.stages[:here] if stage.key in visited]


def waivable(file: CaseFile) -> list[str]:
    """What the gate waits for, and what was withdrawn after its gate had passed."""
    reviewed = [kind for task in file.undone() if task.kind == WITHDRAWN_REVIEW for kind in task.delivers]
    return list(dict.fromkeys([*file.missing(), *reviewed]))


def _visit_open(file: CaseFile) -> bool:
    return any(visit.t_exit is None and visit.stage == file.case.stage for visit in file.visits)
