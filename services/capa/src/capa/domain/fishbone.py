"""The fishbone: suspected causes by category, each verified or excluded with a reason. See DOMAIN 8."""

from dataclasses import replace

from capa.domain import require
from capa.domain.rca import CAUSE_STATES, Cause, Rca, editable
from capa.domain.rules import Rules


def add_cause(rca: Rca, cause: Cause, rules: Rules) -> Rca:
    """A cause or, with a parent, a sub-cause. The category belongs to the analysis' category set (6M by default)."""
    editable(rca)
    require.text("text", cause.text)
    require.one_of("category", cause.category, rules.categories(rca.category_set))
    if cause.parent is not None:
        rca.cause(cause.parent)
    return replace(rca, causes=(*rca.causes, cause))


def judge_cause(rca: Rca, cause_id: str, status: str, reason: str, why_id: str | None) -> Rca:
    """Verifies or excludes a cause; an exclusion names its reason. `why_id` is the 5-Why that digs deeper."""
    cause = editable(rca).cause(cause_id)
    require.one_of("status", status, CAUSE_STATES)
    excluded = require.text("reason", reason) if status == "excluded" else ""
    if why_id is not None:
        rca.why(why_id)
    judged = replace(cause, status=status, excluded_reason=excluded, why_id=why_id or cause.why_id)
    return replace(rca, causes=tuple(judged if entry.cause_id == cause_id else entry for entry in rca.causes))
