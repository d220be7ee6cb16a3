"""Composition root: from settings and opened resources to a service that runs."""

from chassis.app import App
from redress.workflow.v1.workflow_pb2_grpc import add_WorkflowServiceServicer_to_server
from workflow.app.counts import show_counts
from workflow.app.definitions import CALENDAR, PROCESS
from workflow.entrypoints import admin
from workflow.entrypoints.consumers import REACTIONS
from workflow.entrypoints.rpc import WorkflowServicer
from workflow.entrypoints.timer import Timer
from workflow.metrics import WorkflowMetrics
from workflow.settings import Settings


async def bootstrap(app: App[Settings]) -> None:
    metrics = WorkflowMetrics(app.metrics.registry)
    timer = Timer(
        app.db,
        app.lease("workflow_timer"),
        metrics,
        every_s=app.settings.timer_seconds,
        batch=app.settings.timer_batch,
    )
    app.servicer(
        add_WorkflowServiceServicer_to_server,
        WorkflowServicer(app.db, app.commands, app.calls),
        "redress.workflow.v1.WorkflowService",
    )
    app.definitions(PROCESS, CALENDAR)
    app.react(REACTIONS)
    app.ledger("cases", admin.cases)
    app.ledger("tasks", admin.tasks)
    app.job("timer", timer.run)
    app.every(app.settings.count_seconds, "count cases", lambda: _count(app, metrics))
    app.on_close(timer.stop)


async def _count(app: App[Settings], metrics: WorkflowMetrics) -> None:
    async with app.db.read() as tx:
        await show_counts(tx, metrics)
