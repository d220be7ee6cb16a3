"""The composition root: everything hangs on the opened resources."""

from chassis.app import App
from chassis.letter_ids import LetterIds
from intake.adapters.objects import Access, Objects
from intake.adapters.scanner import Scanner
from intake.app.attachments.add import AddAttachment
from intake.app.attachments.look import LookAtAttachments
from intake.app.attachments.remove import Sweep
from intake.app.channels.answers import overdue
from intake.app.channels.deliver import DeliverHook
from intake.app.channels.registry import Registry
from intake.app.channels.shown import Shown
from intake.app.channels.take import Take
from intake.app.forms.kind import FORM
from intake.app.grading.back_test_run import RunBackTests
from intake.app.grading_tables import GRADING_TABLE, Registrars
from intake.app.imports.importing import ImportFile
from intake.app.imports.run import RunImports
from intake.app.imports.store import StoreFile
from intake.app.likeness.asking import Asking
from intake.app.likeness.backgrounds import Backgrounds
from intake.app.likeness.comparing import Comparing
from intake.app.master_data import samples
from intake.app.master_data.correcting import CorrectPast
from intake.app.master_data.importing import ImportMasterData
from intake.app.privacy import retention, sealing_rows
from intake.app.privacy.retention import RETENTION, Retire
from intake.app.privacy.sealing_rows import SealRows
from intake.app.register import Register
from intake.app.search.indexing import Indexer
from intake.app.submissions import standing
from intake.app.submissions.promote import Promote
from intake.app.submissions.receive_mail import ReceiveMail
from intake.app.update import Update
from intake.domain.attachments.rules import Limits
from intake.domain.mail.verdict import Own
from intake.entrypoints.admin import complaints_ledger
from intake.entrypoints.attachments_rpc import AttachmentServicer
from intake.entrypoints.channels_rpc import ChannelServicer
from intake.entrypoints.consumers import REACTIONS
from intake.entrypoints.forms_rpc import FormServicer
from intake.entrypoints.grading_rpc import GradingServicer
from intake.entrypoints.imports_rpc import ImportServicer
from intake.entrypoints.likeness_worker import EVERY_S as COMPARE_EVERY_S
from intake.entrypoints.likeness_worker import LikenessWorker
from intake.entrypoints.mailbox_worker import MailboxWorker
from intake.entrypoints.master_data_rpc import MasterDataServicer
from intake.entrypoints.privacy_metrics import PrivacyMetrics
from intake.entrypoints.privacy_rpc import PrivacyServicer
from intake.entrypoints.rpc import IntakeServicer
from intake.entrypoints.search_indexing import EVERY_S, Indexing
from intake.entrypoints.search_rpc import SearchServicer
from intake.entrypoints.similarity_rpc import SimilarityServicer
from intake.metrics import ChannelMetrics, IntakeMetrics, MailboxMetrics, SampleMetrics, SubmissionMetrics
from intake.settings import Settings
from redress.intake.v1.attachments_pb2_grpc import add_AttachmentServiceServicer_to_server
from redress.intake.v1.channels_pb2_grpc import add_ChannelServiceServicer_to_server
from redress.intake.v1.forms_pb2_grpc import add_FormServiceServicer_to_server
from redress.intake.v1.grading_pb2_grpc import add_GradingServiceServicer_to_server
from redress.intake.v1.imports_pb2_grpc import add_ImportServiceServicer_to_server
from redress.intake.v1.intake_pb2_grpc import add_IntakeServiceServicer_to_server
from redress.intake.v1.master_data_pb2_grpc import add_MasterDataServiceServicer_to_server
from redress.intake.v1.privacy_pb2_grpc import add_PrivacyServiceServicer_to_server
from redress.intake.v1.search_pb2_grpc import add_SearchServiceServicer_to_server
from redress.intake.v1.similarity_pb2_grpc import add_SimilarityServiceServicer_to_server


async def bootstrap(app: App[Settings]) -> None:
    app.db.sealer = app.settings.sealer()
    rules = Registrars()
    register = Register(app.db, rules)
    receive_mail = _mailboxes(app, rules)
    servicer = IntakeServicer(
        app.commands,
        app.calls,
        register,
        ImportFile(app.db, register),
        receive_mail,
        Update(rules),
        Promote(rules),
        IntakeMetrics(app.metrics.registry),
    )
    app.servicer(add_IntakeServiceServicer_to_server, servicer, "redress.intake.v1.IntakeService")
    _forms(app)
    objects = _objects(app.settings)
    _attachments(app, objects)
    _imports(app, register, objects)
    _search(app)
    _likeness(app, rules)
    _master_data(app, rules)
    _grading(app)
    _channels(app, rules)
    _privacy(app)
    app.react(REACTIONS)
    app.ledger("complaints", complaints_ledger)


def _mailboxes(app: App[Settings], rules: Registrars) -> ReceiveMail:
    """Mails are received the same way by calls and from mailboxes."""
    given = app.settings
    letters = LetterIds(app.keys, "notify")
    receive = ReceiveMail(app.db, rules, Own.of(given.own_address), letters, given.mails_per_sender_per_hour)
    metrics = MailboxMetrics(app.metrics.registry)
    worker = MailboxWorker(app.db, receive, app.lease("mailboxes"), metrics, given.imap_ca_file)
    app.job("mailboxes", worker.run)
    counts = SubmissionMetrics(app.metrics.registry)

    async def count_submissions() -> None:
        async with app.db.read() as tx:
            counts.show(await standing.parked_by_channel(tx), await standing.late_registrations(tx))

    app.every(60.0, "count submissions", count_submissions)
    return receive


def _forms(app: App[Settings]) -> None:
    app.servicer(add_FormServiceServicer_to_server, FormServicer(app.commands), "redress.intake.v1.FormService")


def _channels(app: App[Settings], rules: Registrars) -> None:
    metrics = ChannelMetrics(app.metrics.registry)
    deliver = DeliverHook(app.db, Take(app.db, rules))
    servicer = ChannelServicer(app.commands, Registry(Shown(app.settings.public_url)), deliver, metrics)
    app.servicer(add_ChannelServiceServicer_to_server, servicer, "redress.intake.v1.ChannelService")

    async def count_overdue() -> None:
        async with app.db.read() as tx:
            metrics.overdue.set(await overdue(tx))

    app.every(30.0, "count overdue answers", count_overdue)


def _grading(app: App[Settings]) -> None:
    app.definitions(GRADING_TABLE, FORM, RETENTION)
    servicer = GradingServicer(app.commands)
    app.servicer(add_GradingServiceServicer_to_server, servicer, "redress.intake.v1.GradingService")
    app.every(5.0, "back-tests", RunBackTests(app.db))


def _privacy(app: App[Settings]) -> None:
    app.servicer(
        add_PrivacyServiceServicer_to_server, PrivacyServicer(app.commands), "redress.intake.v1.PrivacyService"
    )
    metrics = PrivacyMetrics(app.metrics.registry)
    app.every(sealing_rows.EVERY_S, "seal rows", SealRows(app.db, metrics.left))
    app.every(retention.EVERY_S, "retention", Retire(app.db, metrics.retired))


def _search(app: App[Settings]) -> None:
    app.servicer(add_SearchServiceServicer_to_server, SearchServicer(app.commands), "redress.intake.v1.SearchService")
    app.every(EVERY_S, "search index", Indexing(Indexer(app.db), app.metrics.registry).catch_up)


def _likeness(app: App[Settings], rules: Registrars) -> None:
    backgrounds = Backgrounds()
    servicer = SimilarityServicer(app.commands, Asking(backgrounds))
    app.servicer(add_SimilarityServiceServicer_to_server, servicer, "redress.intake.v1.SimilarityService")
    if cores := app.settings.likeness_cores:
        worker = LikenessWorker(Comparing(app.db, rules, backgrounds), app.metrics.registry, cores)
        app.every(COMPARE_EVERY_S, "likeness", worker.catch_up)


def _master_data(app: App[Settings], rules: Registrars) -> None:
    servicer = MasterDataServicer(app.commands, ImportMasterData(app.db))
    app.servicer(add_MasterDataServiceServicer_to_server, servicer, "redress.intake.v1.MasterDataService")
    metrics = SampleMetrics(app.metrics.registry)

    async def count_samples() -> None:
        async with app.db.read() as tx:
            metrics.show(await samples.waiting(tx))

    app.every(60.0, "count samples", count_samples)
    app.every(10.0, "correct codes", CorrectPast(app.db, Update(rules)).once)


def _objects(given: Settings) -> Objects | None:
    access = Access(
        given.objects_url,
        given.objects_endpoint,
        given.objects_region,
        given.objects_access_key_id,
        given.objects_secret_access_key,
    )
    return Objects.of(access) if access.url else None


def _imports(app: App[Settings], register: Register, objects: Objects | None) -> None:
    servicer = ImportServicer(app.commands, StoreFile(app.db, objects))
    app.servicer(add_ImportServiceServicer_to_server, servicer, "redress.intake.v1.ImportService")
    if objects is not None:
        app.job("imports", RunImports(app.db, register, objects, app.lease("imports")).run)


def _attachments(app: App[Settings], objects: Objects | None) -> None:
    given = app.settings
    limits = Limits(size=given.attachment_limit_bytes, count=given.attachments_most)
    add = AddAttachment(app.db, objects, Scanner(given.scan_host, given.scan_port), limits)
    servicer = AttachmentServicer(app.commands, add, LookAtAttachments(app.db, objects))
    app.servicer(add_AttachmentServiceServicer_to_server, servicer, "redress.intake.v1.AttachmentService")
    if objects is not None:
        app.every(600.0, "attachments", Sweep(app.db, objects))
