"""Every metric workflow exposes beside the platform's. Figures about cases are counted in the store."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry, Counter, Gauge


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
