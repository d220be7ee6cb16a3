"""What a human verdict on a proposed repeat may do (DOMAIN §3)."""

from chassis.errors import Conflict, FieldError, IllegalTransition, Invalid
from intake.domain.repeats import VERDICTS

MAX_REASON = 1000


def check_reason(reason: str) -> str:
    """The reason without blanks around it. Raises Invalid when there is none, or too much of it."""
    text = reason.strip()
    if not text:
        raise Invalid("a reason is needed", [FieldError("reason", "is required")])
    if len(text) > MAX_REASON:
        raise Invalid("the reason is too long", [FieldError("reason", f"is longer than {MAX_REASON} characters")])
    return text


def check_verdict(*, verdict: str, current: str, state: str) -> None:
    """A verdict may be corrected until the complaint is merged; the earlier one stays in the audit trail."""
    if verdict not in VERDICTS:
        raise Invalid("unknown verdict", [FieldError("verdict", f"must be one of {', '.join(VERDICTS)}")])
    if state == "merged":
        raise IllegalTransition("a merged complaint takes no further verdict")
    if verdict == current:
        raise Conflict("already_judged", "this proposal has that verdict already")
