"""GradingService: each call one use case."""

from typing import Any

from chassis.commands import Commands
from intake.app.grading import (
    accuracy,
    agreement,
    back_tests,
    double_grading,
    drafts,
    editor,
    publishing,
    samples,
    simulate,
)
from redress.intake.v1 import grading_pb2 as pb
from redress.intake.v1 import grading_pb2_grpc

Context = Any


class GradingServicer(grading_pb2_grpc.GradingServiceServicer):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def GetGradingEditor(self, request: pb.GetGradingEditorRequest, context: Context) -> pb.GradingEditor:
        return await self._commands.ask(request, editor.get_editor)

    async def ValidateGradingTable(
        self, request: pb.ValidateGradingTableRequest, context: Context
    ) -> pb.GradingVerdict:
        return await self._commands.ask(request, editor.validate)

    async def SimulateGrading(self, request: pb.SimulateGradingRequest, context: Context) -> pb.GradingSimulation:
        return await self._commands.ask(request, simulate.simulate)

    async def CreateGradingDraft(self, request: pb.CreateGradingDraftRequest, context: Context) -> pb.GradingDraft:
        return await self._commands.run(request, drafts.create_draft)

    async def ListGradingDrafts(
        self, request: pb.ListGradingDraftsRequest, context: Context
    ) -> pb.ListGradingDraftsReply:
        return await self._commands.ask(request, drafts.list_drafts)

    async def GetGradingDraft(self, request: pb.GetGradingDraftRequest, context: Context) -> pb.GradingDraft:
        return await self._commands.ask(request, drafts.get_draft)

    async def SaveGradingDraft(self, request: pb.SaveGradingDraftRequest, context: Context) -> pb.GradingDraft:
        return await self._commands.run(request, drafts.save_draft)

    async def CompareGradingDraft(
        self, request: pb.CompareGradingDraftRequest, context: Context
    ) -> pb.GradingComparison:
        return await self._commands.ask(request, publishing.compare_draft)

    async def PublishGradingDraft(self, request: pb.PublishGradingDraftRequest, context: Context) -> pb.GradingDraft:
        return await self._commands.run(request, publishing.publish_draft)

    async def DiscardGradingDraft(self, request: pb.DiscardGradingDraftRequest, context: Context) -> pb.GradingDraft:
        return await self._commands.run(request, drafts.discard_draft)

    async def StartBackTest(self, request: pb.StartBackTestRequest, context: Context) -> pb.BackTest:
        return await self._commands.run(request, back_tests.start)

    async def ListBackTests(self, request: pb.ListBackTestsRequest, context: Context) -> pb.ListBackTestsReply:
        return await self._commands.ask(request, back_tests.list_back_tests)

    async def GetBackTest(self, request: pb.GetBackTestRequest, context: Context) -> pb.BackTest:
        return await self._commands.ask(request, back_tests.get_back_test)

    async def CancelBackTest(self, request: pb.CancelBackTestRequest, context: Context) -> pb.BackTest:
        return await self._commands.run(request, back_tests.cancel)

    async def ListBackTestChanges(
        self, request: pb.ListBackTestChangesRequest, context: Context
    ) -> pb.ListBackTestChangesReply:
        return await self._commands.ask(request, back_tests.list_changes)

    async def GetGradingAccuracy(self, request: pb.GetGradingAccuracyRequest, context: Context) -> pb.GradingAccuracy:
        return await self._commands.ask(request, accuracy.get_accuracy)

    async def ListWrongGradings(
        self, request: pb.ListWrongGradingsRequest, context: Context
    ) -> pb.ListWrongGradingsReply:
        return await self._commands.ask(request, accuracy.list_wrong)

    async def DrawGradingSample(self, request: pb.DrawGradingSampleRequest, context: Context) -> pb.GradingSample:
        return await self._commands.run(request, samples.draw)

    async def ListGradingSamples(
        self, request: pb.ListGradingSamplesRequest, context: Context
    ) -> pb.ListGradingSamplesReply:
        return await self._commands.ask(request, samples.list_samples)

    async def GetGradingSample(self, request: pb.GetGradingSampleRequest, context: Context) -> pb.GradingSample:
        return await self._commands.ask(request, samples.get_sample)

    async def CloseGradingSample(self, request: pb.CloseGradingSampleRequest, context: Context) -> pb.GradingSample:
        return await self._commands.run(request, samples.close)

    async def GetGradingAgreement(
        self, request: pb.GetGradingAgreementRequest, context: Context
    ) -> pb.GradingAgreement:
        return await self._commands.ask(request, agreement.get_agreement)

    async def ListDoubleGradings(
        self, request: pb.ListDoubleGradingsRequest, context: Context
    ) -> pb.ListDoubleGradingsReply:
        return await self._commands.ask(request, agreement.list_double_gradings)

    async def ListGradingItems(self, request: pb.ListGradingItemsRequest, context: Context) -> pb.ListGradingItemsReply:
        return await self._commands.ask(request, double_grading.list_items)

    async def GetGradingItem(self, request: pb.GetGradingItemRequest, context: Context) -> pb.GradingItem:
        return await self._commands.ask(request, double_grading.get_item)

    async def GradeItem(self, request: pb.GradeItemRequest, context: Context) -> pb.GradingItem:
        return await self._commands.run(request, double_grading.grade_item)
