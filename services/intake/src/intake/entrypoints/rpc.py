"""IntakeService: each call one use case."""

from collections.abc import AsyncIterator, Sequence
from typing import Any

from chassis import idempotency
from chassis.call import current_call
from chassis.commands import Commands
from chassis.errors import FieldError, Invalid, RedressError
from chassis.rpc import refusal_of
from chassis.tokens import Calls
from intake.app import queries
from intake.app.command import submission_of
from intake.app.contact import record_contact
from intake.app.forms.registering import form_of
from intake.app.group import Item
from intake.app.imports.importing import ImportFile
from intake.app.imports.look import get_import, list_import_changes, list_import_rows
from intake.app.judge import judge_proposal
from intake.app.listing import list_complaints
from intake.app.mailbox.state import list_mailboxes
from intake.app.register import MAX_GROUP, Register
from intake.app.regrade import regrade
from intake.app.replies import Outcome
from intake.app.submissions import decide, look
from intake.app.submissions.count import count_submissions
from intake.app.submissions.promote import Promote
from intake.app.submissions.receive_mail import ReceiveMail
from intake.app.update import Update
from intake.metrics import IntakeMetrics
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1 import intake_pb2_grpc

Context = Any


class IntakeServicer(intake_pb2_grpc.IntakeServiceServicer):
    def __init__(
        self,
        commands: Commands,
        calls: Calls,
        register: Register,
        import_file: ImportFile,
        receive_mail: ReceiveMail,
        update: Update,
        promote: Promote,
        metrics: IntakeMetrics,
    ) -> None:
        self._commands = commands
        self._calls = calls
        self._register = register
        self._import_file = import_file
        self._receive_mail = receive_mail
        self._update = update
        self._promote = promote
        self._metrics = metrics

    async def RegisterBatch(self, request: pb.RegisterBatchRequest, context: Context) -> pb.RegisterBatchReply:
        current_call().require("service")
        if len(request.items) > MAX_GROUP:
            raise Invalid("the batch is too large", [FieldError("items", f"at most {MAX_GROUP}")])
        read = [await self._item(item) for item in request.items]
        outcomes = iter(await self._register([item for item in read if isinstance(item, Item)]))
        answers = [next(outcomes) if isinstance(item, Item) else item for item in read]
        self._observe(answers)
        return pb.RegisterBatchReply(results=[_result(answer) for answer in answers])

    async def ImportFile(
        self, request_iterator: AsyncIterator[pb.ImportFileRequest], context: Context
    ) -> pb.ImportReport:
        return await self._import_file(current_call(), request_iterator)

    async def GetImport(self, request: pb.GetImportRequest, context: Context) -> pb.ImportReport:
        return await self._commands.ask(request, get_import)

    async def ListImportRows(self, request: pb.ListImportRowsRequest, context: Context) -> pb.ListImportRowsReply:
        return await self._commands.ask(request, list_import_rows)

    async def ListImportChanges(
        self, request: pb.ListImportChangesRequest, context: Context
    ) -> pb.ListImportChangesReply:
        return await self._commands.ask(request, list_import_changes)

    async def ReceiveMail(
        self, request_iterator: AsyncIterator[pb.ReceiveMailRequest], context: Context
    ) -> pb.SubmissionReceipt:
        receipt = await self._receive_mail(current_call(), request_iterator)
        self._metrics.mail(receipt)
        return receipt

    async def ListSubmissions(self, request: pb.ListSubmissionsRequest, context: Context) -> pb.ListSubmissionsReply:
        return await self._commands.ask(request, look.list_submissions)

    async def GetSubmission(self, request: pb.GetSubmissionRequest, context: Context) -> pb.Submission:
        return await self._commands.ask(request, look.get_submission)

    async def ReadSubmission(self, request: pb.ReadSubmissionRequest, context: Context) -> pb.SubmissionPiece:
        return await self._commands.run(request, look.read_submission)

    async def PromoteSubmission(self, request: pb.PromoteSubmissionRequest, context: Context) -> pb.Submission:
        return await self._commands.run(request, self._promote)

    async def AttachSubmission(self, request: pb.AttachSubmissionRequest, context: Context) -> pb.Submission:
        return await self._commands.run(request, decide.attach)

    async def RejectSubmission(self, request: pb.RejectSubmissionRequest, context: Context) -> pb.Submission:
        return await self._commands.run(request, decide.reject)

    async def MergeSubmission(self, request: pb.MergeSubmissionRequest, context: Context) -> pb.Submission:
        return await self._commands.run(request, decide.merge)

    async def CountSubmissions(self, request: pb.CountSubmissionsRequest, context: Context) -> pb.CountSubmissionsReply:
        return await self._commands.ask(request, count_submissions)

    async def ListMailboxes(self, request: pb.ListMailboxesRequest, context: Context) -> pb.ListMailboxesReply:
        return await self._commands.ask(request, list_mailboxes)

    async def GetComplaint(self, request: pb.GetComplaintRequest, context: Context) -> pb.Complaint:
        return await self._commands.ask(request, queries.get_complaint)

    async def ListComplaints(self, request: pb.ListComplaintsRequest, context: Context) -> pb.ListComplaintsReply:
        return await self._commands.ask(request, list_complaints)

    async def UpdateComplaint(self, request: pb.UpdateComplaintRequest, context: Context) -> pb.Complaint:
        return await self._commands.run(request, self._update)

    async def Regrade(self, request: pb.RegradeRequest, context: Context) -> pb.Complaint:
        return await self._commands.run(request, regrade)

    async def JudgeProposal(self, request: pb.JudgeProposalRequest, context: Context) -> pb.Complaint:
        return await self._commands.run(request, judge_proposal)

    async def RecordContact(self, request: pb.RecordContactRequest, context: Context) -> pb.Contact:
        return await self._commands.run(request, record_contact)

    async def GetContacts(self, request: pb.GetContactsRequest, context: Context) -> pb.GetContactsReply:
        return await self._commands.ask(request, queries.get_contacts)

    async def GetTexts(self, request: pb.GetTextsRequest, context: Context) -> pb.GetTextsReply:
        return await self._commands.ask(request, queries.get_texts)

    async def CountBySignature(self, request: pb.CountBySignatureRequest, context: Context) -> pb.CountBySignatureReply:
        return await self._commands.ask(request, queries.count_by_signature)

    async def GetGradingTable(self, request: pb.GetGradingTableRequest, context: Context) -> pb.GradingTable:
        return await self._commands.ask(request, queries.get_grading_table)

    async def _item(self, item: pb.RegisterItem) -> Item | RedressError:
        """Who asks is proven per item: a group holds the calls of many people."""
        try:
            call = await self._calls.verify(item.token)
            submission, form = submission_of(item.command), form_of(item.command)
        except RedressError as error:
            return error
        key = item.idempotency_key or None
        digest = _digest(item.command) if key else b""
        call = call.with_request(idempotency_key=key, traceparent=item.traceparent or None)
        return Item(call, submission, digest, form)

    def _observe(self, answers: Sequence[Outcome]) -> None:
        self._metrics.group_items.observe(len(answers))
        for answer in answers:
            self._metrics.items.labels(_outcome_name(answer)).inc()


def _digest(command: pb.RegisterCommand) -> bytes:
    return idempotency.body_hash("RegisterCommand", command.SerializeToString(deterministic=True))


def _result(answer: Outcome) -> pb.RegisterResult:
    if isinstance(answer, RedressError):
        return pb.RegisterResult(refusal=refusal_of(answer))
    return pb.RegisterResult(registered=answer)


def _outcome_name(answer: Outcome) -> str:
    if isinstance(answer, RedressError):
        return "refused"
    return "existing" if answer.existing else "registered"
