"""The composition root: everything hangs on the opened resources."""

from chassis.app import App
from intake.app.decide_submission import Promote
from intake.app.grading_tables import GRADING_TABLE, Registrars
from intake.app.importing import ImportFile
from intake.app.receive_mail import ReceiveMail
from intake.app.register import Register
from intake.app.update import Update
from intake.domain.mail.verdict import Own
from intake.entrypoints.admin import complaints_ledger
from intake.entrypoints.consumers import REACTIONS
from intake.entrypoints.rpc import IntakeServicer
from intake.metrics import IntakeMetrics
from intake.settings import Settings
from redress.intake.v1.intake_pb2_grpc import add_IntakeServiceServicer_to_server


async def bootstrap(app: App[Settings]) -> None:
    app.db.sealer = app.settings.sealer()
    rules = Registrars()
    register = Register(app.db, rules)
    servicer = IntakeServicer(
        app.commands,
        app.calls,
        register,
        ImportFile(app.db, register),
        ReceiveMail(app.db, rules, Own.of(app.settings.own_address)),
        Update(rules),
        Promote(rules),
        IntakeMetrics(app.metrics.registry),
    )
    app.servicer(add_IntakeServiceServicer_to_server, servicer, "redress.intake.v1.IntakeService")
    app.definitions(GRADING_TABLE)
    app.react(REACTIONS)
    app.ledger("complaints", complaints_ledger)
