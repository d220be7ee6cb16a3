"""Figures for /metrics, counted in the store: a restart or a second replica changes no number."""

from chassis.db import Tx
from workflow.metrics import WorkflowMetrics


async def show_counts(tx: Tx, metrics: WorkflowMetrics) -> None:
    cases = await tx.fetch(
        "SELECT stage, grade, count(*)::int AS number, count(*) FILTER (WHERE due_current_at < $1)::int AS overdue"
        " FROM cases WHERE state <> 'closed' GROUP BY stage, grade",
        tx.now,
    )
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
