"""When may a person be erased? Requested by one, approved by another, and never while a hold lasts."""

from chassis.errors import Conflict, FieldError, Forbidden, IllegalTransition, Invalid

MAX_REASON = 1000


def check_not_held(hold_reason: str) -> None:
    """Raises Conflict, with the reason."""
    if hold_reason:
        raise Conflict("legal_hold", f"a hold keeps this person from being erased: {hold_reason}")


def check_decision(state: str, *, requested_by: str, actor: str) -> None:
    """Four eyes. Raises IllegalTransition, Forbidden."""
    if state != "requested":
        raise IllegalTransition(f"the erasure is {state} already")
    if actor == requested_by:
        raise Forbidden("who requested an erasure cannot approve it", slug="four_eyes")


def said(reason: str) -> str:
    """The reason, trimmed. Raises Invalid where there is none, or none that can be kept."""
    text = reason.strip()
    if not text or len(text) > MAX_REASON or "\x00" in text:
        raise Invalid("a reason is needed", [FieldError("reason", f"1 to {MAX_REASON} characters, no NUL")])
    return text
