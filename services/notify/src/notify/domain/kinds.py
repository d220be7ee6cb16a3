"""What is sent, to whom, and which facts its text may name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Language = Literal["zh", "en"]
Kind = Literal["receipt", "case_closed", "merged", "task_assigned", "task_overdue", "escalation"]

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
CUSTOMER_KINDS: Final[frozenset[str]] = frozenset({"receipt", "case_closed", "merged"})
COLLEAGUE_KINDS: Final[frozenset[str]] = frozenset({"task_assigned", "task_overdue", "escalation"})
KINDS: Final = CUSTOMER_KINDS | COLLEAGUE_KINDS

_DIGEST: Final = frozenset({"name", "count", "tasks", "organisation"})
FIELDS: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {
        "receipt": frozenset({"name", "number", "due", "response_due", "status", "organisation"}),
        "case_closed": frozenset({"name", "number", "outcome", "status", "survey", "organisation"}),
        "merged": frozenset({"name", "number", "joined", "status", "organisation"}),
        **dict.fromkeys(COLLEAGUE_KINDS, _DIGEST),
        # Pieces that the letters above are put together from.
        "task_line": frozenset({"number", "task", "due"}),
        "more_tasks": frozenset({"more"}),
        "status_link": frozenset({"url", "days"}),
        "survey_invitation": frozenset({"url", "days"}),
    }
)
# What earlier versions of the templates need not have.
OPTIONAL: Final[frozenset[str]] = frozenset({"merged", "status_link", "survey_invitation"})


def language_of(wanted: str | None) -> Language:
    """The language to write in; what we cannot write is answered in Chinese, the organisation's own."""
    return "en" if wanted == "en" else "zh"
