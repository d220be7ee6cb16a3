"""The composition root: grading tables are compiled once, everything else hangs on the opened resources."""

from chassis.app import App
from intake.adapters.definitions import grading_table, grading_tables
from intake.adapters.similarity import similarity
from intake.adapters.zen_grading import ZenGrading
from intake.app.decide_submission import Promote
from intake.app.importing import ImportFile
from intake.app.receive_mail import ReceiveMail
from intake.app.register import Register
from intake.app.update import Update
from intake.domain.mail.verdict import Own
from intake.domain.registration import Registrar
from intake.entrypoints.admin import complaints_ledger
from intake.entrypoints.consumers import REACTIONS
from intake.entrypoints.rpc import IntakeServicer
from intake.metrics import IntakeMetrics
from intake.settings import Settings
from redress.intake.v1.intake_pb2_grpc import add_IntakeServiceServicer_to_server


def registrar() -> Registrar:
    return Registrar(grading_table(), ZenGrading(grading_tables().values()), similarity)


async def bootstrap(app: App[Settings]) -> None:
    rules = registrar()
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
    app.react(REACTIONS)
    app.ledger("complaints", complaints_ledger)
