"""When a deadline is announced: once when it is near, once when it has passed."""

from datetime import datetime

from workflow.domain.case import OPEN, Case, CaseFile

SILENT, WARNED, BREACHED = 0, 1, 2


def warn_at(start: datetime, due: datetime, share: float) -> datetime:
    """When `share` of the time between start and due (wall clock) has passed."""
    return start + (due - start) * share


def arm(file: CaseFile, now: datetime) -> None:
    """Sets when the timer must next look at the case's deadlines; one that moved away will be announced anew."""
    case = file.case
    running = case.state == OPEN and not case.historical
    awaited = running and case.first_response_at is None
    case.case_notice, case.case_notice_at = _armed(
        file, case.due_current_at if running else None, case.case_notice, now
    )
    case.response_notice, case.response_notice_at = _armed(
        file, case.response_due_at if awaited else None, case.response_notice, now
    )


def _armed(file: CaseFile, due: datetime | None, notice: int, now: datetime) -> tuple[int, datetime | None]:
    if due is None:
        return notice, None
    if notice == BREACHED and due <= now:
        return BREACHED, None
    near = warn_at(file.case.opened_at, due, file.definition.warn_share)
    return (WARNED, due) if notice != SILENT and near <= now else (SILENT, near)


def announce(case: Case, now: datetime) -> list[tuple[str, str, datetime]]:
    """What is to be said now as (event, clock, due); moves the case's notices on. Only the worse of two is said."""
    said: list[tuple[str, str, datetime]] = []
    for clock, due in (("response", case.response_due_at), ("case", case.due_current_at)):
        at: datetime | None = getattr(case, f"{clock}_notice_at")
        if at is None or due is None or at > now:
            continue
        breached = due <= now
        setattr(case, f"{clock}_notice", BREACHED if breached else WARNED)
        setattr(case, f"{clock}_notice_at", None if breached else due)
        said.append(("SlaBreached" if breached else "SlaWarning", clock, due))
    return said
