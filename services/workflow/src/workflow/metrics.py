"""Every metric workflow exposes beside the platform's. Figures about cases are counted in the store."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge

CLOCKS = ("response", "case")
"""Until the first human response, and until the case is closed."""
SLA_STATES = ("at_risk", "breached")
GRADES = ("urgent", "important", "routine")


class WorkflowMetrics:
    def __init__(self, registry: CollectorRegistry) -> None:
        self.open_cases = Gauge("redress_open_cases", "Cases not closed", ["stage", "grade"], registry=registry)
        self.overdue_cases = Gauge(
            "redress_overdue_cases", "Open cases past their deadline", ["grade"], registry=registry
        )
        self.overdue_tasks = Gauge(
            "redress_overdue_tasks", "Undone tasks past their deadline", ["department"], registry=registry
        )
        self.unassigned_tasks = Gauge("redress_unassigned_tasks", "Undone tasks that nobody has", registry=registry)
        self.sla_cases = Gauge(
            "redress_sla_cases",
            "Open cases whose deadline was warned of (at_risk) or has passed (breached), by clock",
            ["clock", "state", "grade"],
            registry=registry,
        )
        self.timer_ran = Gauge(
            "redress_workflow_timer_ran_timestamp_seconds",
            "When this replica's timer last went through all its duties, holding the lease; 0: never",
            registry=registry,
        )
        self.timer_handled = Counter(
            "redress_workflow_timer_handled", "Rows the timer acted on", ["duty"], registry=registry
        )

    def show(
        self,
        cases: Iterable[tuple[str, str, int, int]],
        overdue_tasks: Iterable[tuple[str, int]],
        unassigned: int,
    ) -> None:
        """Cases as (stage, grade, open, overdue); tasks as (department, overdue)."""
        self.open_cases.clear()
        self.overdue_cases.clear()
        self.overdue_tasks.clear()
        for stage, grade, number, overdue in cases:
            self.open_cases.labels(stage, grade).set(number)
            self.overdue_cases.labels(grade).inc(overdue)
        for department, number in overdue_tasks:
            self.overdue_tasks.labels(department).set(number)
        self.unassigned_tasks.set(unassigned)

    def show_deadlines(self, cases: Iterable[tuple[str, str, str, int]]) -> None:
        """Open cases as (clock, state, grade, number), numbers of equal labels add up; what is not named is 0."""
        counted = {(clock, state, grade): 0 for clock in CLOCKS for state in SLA_STATES for grade in GRADES}
        for clock, state, grade, number in cases:
            counted[clock, state, grade] += number
        for labels, number in counted.items():
            self.sla_cases.labels(*labels).set(number)
