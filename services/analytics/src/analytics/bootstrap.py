"""Composition root: from settings and opened resources to a service that runs."""

from analytics.app.catalogues import KPI_CATALOGUE
from analytics.app.queries import Formulas
from analytics.entrypoints.admin import facts
from analytics.entrypoints.consumers import REACTIONS
from analytics.entrypoints.refresh import Refresh
from analytics.entrypoints.rpc import AnalyticsServicer
from analytics.metrics import BusinessFigures
from analytics.settings import Settings
from chassis.app import App
from redress.analytics.v1.analytics_pb2_grpc import add_AnalyticsServiceServicer_to_server


async def bootstrap(app: App[Settings]) -> None:
    formulas = Formulas(app.settings.fcr_days, app.settings.time_zone, app.settings.acknowledge_minutes)
    shown = BusinessFigures()
    app.servicer(
        add_AnalyticsServiceServicer_to_server,
        AnalyticsServicer(app.commands, formulas),
        "redress.analytics.v1.AnalyticsService",
    )
    app.definitions(KPI_CATALOGUE)
    app.react(REACTIONS)
    app.ledger("facts", facts)
    app.collector(shown)
    seconds = app.settings.refresh_seconds
    app.every(seconds, "refresh gauges", Refresh(app.db, formulas, shown, seconds).once)
