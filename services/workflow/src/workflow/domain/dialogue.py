"""What is said to the customer and among colleagues."""

from datetime import datetime, timedelta

from chassis.errors import FieldError, Invalid
from workflow.domain import possible
from workflow.domain.case import Act, CaseFile, Note
from workflow.domain.notices import arm
from workflow.domain.sla import working_seconds

_CLOCK_SKEW = timedelta(minutes=2)


def respond(file: CaseFile, channel: str, text: str, at: datetime, act: Act) -> None:
    """A human answer to the customer; the earliest one ends the first response time (FRT, DOMAIN §2)."""
    possible.require(file, possible.RESPOND)
    if at > act.at + _CLOCK_SKEW:
        raise Invalid("the answer cannot lie in the future", [FieldError("at", "lies in the future")])
    known = file.case.first_response_at
    first = known is None or at < known
    if first:
        file.case.first_response_at = at
    arm(file, act.at)
    file.tell("ResponseSent", act, channel=channel, first=first, working_seconds=_worked_until(file, at))
    file.facts[-1].fields["at"] = at
    file.note("response_sent", act, text=text, channel=channel, first=first)


def _worked_until(file: CaseFile, at: datetime) -> float | None:
    """An answer may be recorded late: what the clock did after it does not count."""
    known_then = [entry for entry in file.ledger if entry.at <= at]
    return None if file.case.historical else working_seconds(file.calendar, known_then, at)


def comment(file: CaseFile, text: str, act: Act) -> Note:
    possible.require(file, possible.COMMENT)
    return file.note("comment", act, text=text)
