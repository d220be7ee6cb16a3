"""When an analysis is complete. See DOMAIN "expert point 3": the escape cause, not only the occurrence."""

from dataclasses import replace
from datetime import datetime

from capa.domain import require
from capa.domain.rca import LEGS, Rca, editable
from chassis.errors import MissingDeliverable

OCCURRENCE_ROOT = "occurrence_root"
ESCAPE_ANSWER = "escape_root_or_statement"


def missing(rca: Rca) -> list[str]:
    """What is still missing.

    Occurrence (why did it happen?) needs a root that stands. Escape (why was it not detected?) needs a root that
    stands, or a confirmed last answer with evidence: the recorded statement why nothing could have detected it, e.g.
    "the crack grows only after 3 000 h in the field; no inspection before delivery can see it". The systemic leg is
    free.
    """
    occurrence = any(root.leg == "occurrence" for root in rca.roots())
    return [*([] if occurrence else [OCCURRENCE_ROOT]), *([] if _escape_answered(rca) else [ESCAPE_ANSWER])]


def _escape_answered(rca: Rca) -> bool:
    return any(why.leg == "escape" and rca.stands(why) and not rca.children(why.why_id) for why in rca.whys)


def complete(rca: Rca, responsible_department: str, now: datetime) -> Rca:
    """Completes the analysis with its responsibility decision; `MissingDeliverable` names what is missing."""
    editable(rca)
    lacking = missing(rca)
    if lacking:
        raise MissingDeliverable(
            "an analysis is complete with a confirmed root on the occurrence leg and, on the escape leg, a confirmed "
            "root or a confirmed statement why nothing could have detected it",
            possible=lacking,
        )
    department = require.text("responsible_department", responsible_department)
    return replace(rca, state="completed", responsible_department=department, completed_at=now)


def rooted_legs(rca: Rca) -> list[str]:
    return [leg for leg in LEGS if any(root.leg == leg for root in rca.roots())]


def root_categories(rca: Rca) -> list[str]:
    return sorted({root.category for root in rca.roots() if root.category})
