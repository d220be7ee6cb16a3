"""Figures for /metrics, counted in the store: a restart or a second replica changes no number."""

from chassis.db import Tx
from workflow.domain.notices import WARNED
from workflow.metrics import CLOCKS, SLA_STATES, WorkflowMetrics

# A paused case is neither at risk nor breached: its deadlines move when it resumes.
_CASES = """
SELECT stage, grade, count(*)::int AS number,
  count(*) FILTER (WHERE due_current_at < $1)::int AS overdue,
  count(*) FILTER (WHERE state = 'open' AND case_notice = $2 AND due_current_at >= $1)::int AS case_at_risk,
  count(*) FILTER (WHERE state = 'open' AND due_current_at < $1)::int AS case_breached,
  count(*) FILTER (WHERE state = 'open' AND first_response_at IS NULL
    AND response_notice = $2 AND response_due_at >= $1)::int AS response_at_risk,
  count(*) FILTER (WHERE state = 'open' AND first_response_at IS NULL
    AND response_due_at < $1)::int AS response_breached
FROM cases WHERE state <> 'closed' GROUP BY stage, grade
"""


async def show_counts(tx: Tx, metrics: WorkflowMetrics) -> None:
    cases = await tx.fetch(_CASES, tx.now, WARNED)
    late = await tx.fetch(
        "SELECT department, count(*)::int AS number FROM tasks"
        " WHERE state IN ('open', 'in_progress') AND due_at < $1 GROUP BY department",
        tx.now,
    )
    unassigned = await tx.fetchval(
        "SELECT count(*)::int FROM tasks WHERE state IN ('open', 'in_progress') AND assignee IS NULL"
    )
    metrics.show(
        [(row["stage"], row["grade"], row["number"], row["overdue"]) for row in cases],
        [(row["department"], row["number"]) for row in late],
        unassigned,
    )
    metrics.show_deadlines(
        (clock, state, row["grade"], row[f"{clock}_{state}"])
        for row in cases
        for clock in CLOCKS
        for state in SLA_STATES
    )
