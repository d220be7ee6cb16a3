"""A knowledge case: problem, root cause and solution, offered when the next similar problem arrives."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from capa.domain import require
from capa.domain.capa import Capa
from capa.domain.rca import Rca
from chassis.errors import Conflict, FieldError, Invalid

LANGUAGES = ("zh", "en")
_PROVEN = frozenset({"verifying", "effective", "insufficient_exposure", "closed"})


@dataclass(frozen=True)
class Knowledge:
    knowledge_id: str
    number: str
    title: str
    problem: str
    root_cause: str
    solution: str
    lessons: str
    documents_changed: tuple[str, ...]
    product_family: str
    defect_code: str | None
    failure_location: str | None
    rca_id: str | None
    capa_id: str | None
    language: str
    author: str
    published_at: datetime
    version: int = 1
    used: int = 0


def checked(knowledge: Knowledge) -> Knowledge:
    for name in ("title", "problem", "root_cause", "solution", "product_family"):
        require.text(name, getattr(knowledge, name))
    require.one_of("language", knowledge.language, LANGUAGES)
    return knowledge


def publishable(case_ids: Iterable[str], open_cases: Iterable[str], rca: Rca | None, capa: Capa | None) -> None:
    """Knowledge stems from finished work.

    Of an analysis: completed; of a CAPA: implemented, and not found ineffective. Of cases alone: none known to be open
    (one that this service has not heard of yet counts as closed: events may be late).
    """
    if rca is None and capa is None and not tuple(case_ids):
        raise Invalid("knowledge names its case, RCA or CAPA", fields=[FieldError("case_ids", "must be given")])
    if rca is not None and rca.state != "completed":
        raise Conflict("rca_not_completed", f"{rca.number} is {rca.state}: its roots are not established")
    if capa is not None and capa.state not in _PROVEN:
        raise Conflict("capa_not_implemented", f"{capa.number} is {capa.state}: its solution is not in place")
    still_open = sorted(open_cases)
    if rca is None and capa is None and still_open:
        raise Conflict("case_open", "knowledge of a case alone is published once it is closed", possible=still_open)
