"""Composition root: from settings and opened resources to a service that runs."""

from capa.adapters.intake import IntakeTexts
from capa.app.rules import CAPA_RULES, NAME
from capa.entrypoints.admin import LEDGERS
from capa.entrypoints.consumers import REACTIONS
from capa.entrypoints.rpc import CapaServicer
from capa.metrics import Backlog
from capa.settings import Settings
from chassis.app import App
from chassis.definition_store import Published
from redress.capa.v1.capa_pb2_grpc import add_CapaServiceServicer_to_server

_MEASURE_EVERY_S = 15.0


async def bootstrap(app: App[Settings]) -> None:
    settings = app.settings
    texts = IntakeTexts(app.channel(settings.intake_target), app.signer)
    servicer = CapaServicer(app.commands, app.db, Published(CAPA_RULES, NAME), texts)
    app.servicer(add_CapaServiceServicer_to_server, servicer, "redress.capa.v1.CapaService")
    app.definitions(CAPA_RULES)
    app.react(REACTIONS)
    app.ledgers.update(LEDGERS)
    app.every(_MEASURE_EVERY_S, "measure backlog", Backlog(app.db, app.metrics.registry).measure)
