"""The composition root: everything hangs on the opened resources."""

from chassis.app import App
from intake.adapters.objects import Access, Objects
from intake.adapters.scanner import Scanner
from intake.app.attachments.add import AddAttachment
from intake.app.attachments.look import LookAtAttachments
from intake.app.attachments.remove import Sweep
from intake.app.grading_tables import GRADING_TABLE, Registrars
from intake.app.importing import ImportFile
from intake.app.register import Register
from intake.app.submissions.decide import Promote
from intake.app.submissions.receive_mail import ReceiveMail
from intake.app.update import Update
from intake.domain.attachments.rules import Limits
from intake.domain.mail.verdict import Own
from intake.entrypoints.admin import complaints_ledger
from intake.entrypoints.attachments_rpc import AttachmentServicer
from intake.entrypoints.consumers import REACTIONS
from intake.entrypoints.rpc import IntakeServicer
from intake.metrics import IntakeMetrics
from intake.settings import Settings
from redress.intake.v1.attachments_pb2_grpc import add_AttachmentServiceServicer_to_server
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
    _attachments(app)
    app.definitions(GRADING_TABLE)
    app.react(REACTIONS)
    app.ledger("complaints", complaints_ledger)


def _attachments(app: App[Settings]) -> None:
    given = app.settings
    access = Access(
        given.objects_url,
        given.objects_endpoint,
        given.objects_region,
        given.objects_access_key_id,
        given.objects_secret_access_key,
    )
    objects = Objects.of(access) if access.url else None
    limits = Limits(size=given.attachment_limit_bytes, count=given.attachments_most)
    add = AddAttachment(app.db, objects, Scanner(given.scan_host, given.scan_port), limits)
    servicer = AttachmentServicer(app.commands, add, LookAtAttachments(app.db, objects))
    app.servicer(add_AttachmentServiceServicer_to_server, servicer, "redress.intake.v1.AttachmentService")
    if objects is not None:
        app.every(600.0, "attachments", Sweep(app.db, objects))
