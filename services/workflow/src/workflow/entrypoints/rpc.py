"""WorkflowService: each RPC is one use case."""

from typing import Any

from chassis.commands import Commands, audit_refusal
from chassis.db import Database
from chassis.errors import RedressError, Unauthenticated, Unavailable
from chassis.rpc import refusal_of
from chassis.tokens import Calls
from redress.workflow.v1 import workflow_pb2 as pb
from redress.workflow.v1 import workflow_pb2_grpc
from workflow.app import case_commands, explain, members, queries, tasks
from workflow.app.complete_tasks import Answer, Item
from workflow.entrypoints.completing import Completing


class WorkflowServicer(workflow_pb2_grpc.WorkflowServiceServicer):
    def __init__(self, db: Database, commands: Commands, calls: Calls) -> None:
        self._db = db
        self._commands = commands
        self._calls = calls
        self._completing = Completing(db)

    async def GetCase(self, request: pb.GetCaseRequest, context: Any) -> pb.Case:
        return await self._commands.ask(request, queries.get_case)

    async def ListCases(self, request: pb.ListCasesRequest, context: Any) -> pb.ListCasesReply:
        return await self._commands.ask(request, queries.list_cases)

    async def GetTimeline(self, request: pb.GetCaseRequest, context: Any) -> pb.GetTimelineReply:
        return await self._commands.ask(request, queries.get_timeline)

    async def ExplainDeadline(self, request: pb.GetCaseRequest, context: Any) -> pb.ExplainDeadlineReply:
        return await self._commands.ask(request, explain.explain_deadline)

    async def GetTask(self, request: pb.GetTaskRequest, context: Any) -> pb.Task:
        return await self._commands.ask(request, queries.get_task)

    async def ListTasks(self, request: pb.ListTasksRequest, context: Any) -> pb.ListTasksReply:
        return await self._commands.ask(request, queries.list_tasks)

    async def CompleteTasks(self, request: pb.CompleteTasksRequest, context: Any) -> pb.CompleteTasksReply:
        """Each item is authenticated by its own token; the caller's token only carries them."""
        verified = [await self._verify(asked) for asked in request.items]
        items = [item for item in verified if isinstance(item, Item)]
        answers = iter(await self._completing.run(items))
        results: list[Answer] = [next(answers) if isinstance(item, Item) else item for item in verified]
        for item, answer in zip(verified, results, strict=True):
            if isinstance(item, Item) and isinstance(answer, RedressError) and answer.audited:
                await audit_refusal(self._db, item.call, "CompleteTask", answer)
        return pb.CompleteTasksReply(results=[_result(answer) for answer in results])

    async def _verify(self, asked: pb.CompleteTask) -> Item | RedressError:
        try:
            return Item(await self._calls.verify(asked.token), asked)
        except (Unauthenticated, Unavailable) as error:
            return error

    async def StartTask(self, request: pb.StartTaskRequest, context: Any) -> pb.Task:
        return await self._commands.run(request, tasks.start_task)

    async def ReassignTask(self, request: pb.ReassignTaskRequest, context: Any) -> pb.Task:
        return await self._commands.run(request, tasks.reassign_task)

    async def AdvanceStage(self, request: pb.AdvanceStageRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.advance_stage)

    async def ReturnStage(self, request: pb.ReturnStageRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.return_stage)

    async def WaiveDeliverable(self, request: pb.WaiveDeliverableRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.waive_deliverable)

    async def Comment(self, request: pb.CommentRequest, context: Any) -> pb.TimelineEntry:
        return await self._commands.run(request, case_commands.comment)

    async def RecordResponse(self, request: pb.RecordResponseRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.record_response)

    async def Pause(self, request: pb.PauseRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.pause)

    async def Resume(self, request: pb.ResumeRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.resume)

    async def SkipInvestigation(self, request: pb.SkipInvestigationRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.skip_investigation)

    async def CloseCase(self, request: pb.CloseCaseRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.close_case)

    async def ReopenCase(self, request: pb.ReopenCaseRequest, context: Any) -> pb.Case:
        return await self._commands.run(request, case_commands.reopen_case)

    async def ListMembers(self, request: pb.ListMembersRequest, context: Any) -> pb.ListMembersReply:
        return await self._commands.ask(request, members.list_members)

    async def PutMember(self, request: pb.PutMemberRequest, context: Any) -> pb.Member:
        return await self._commands.run(request, members.put_member)


def _result(answer: Answer) -> pb.CompleteTaskResult:
    if isinstance(answer, RedressError):
        return pb.CompleteTaskResult(refusal=refusal_of(answer))
    return pb.CompleteTaskResult(task=answer)
