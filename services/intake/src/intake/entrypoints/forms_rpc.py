"""FormService: each call one use case."""

from typing import Any

from chassis.commands import Commands
from intake.app.forms import amending, drafts, publishing, views
from redress.intake.v1 import forms_pb2 as pb
from redress.intake.v1 import forms_pb2_grpc

Context = Any


class FormServicer(forms_pb2_grpc.FormServiceServicer):
    def __init__(self, commands: Commands) -> None:
        self._commands = commands

    async def GetFormPalette(self, request: pb.GetFormPaletteRequest, context: Context) -> pb.FormPalette:
        return await self._commands.ask(request, views.get_palette)

    async def ListForms(self, request: pb.ListFormsRequest, context: Context) -> pb.ListFormsReply:
        return await self._commands.ask(request, views.list_forms)

    async def GetForm(self, request: pb.GetFormRequest, context: Context) -> pb.Form:
        return await self._commands.ask(request, views.get_form)

    async def GetPublicForm(self, request: pb.GetPublicFormRequest, context: Context) -> pb.Form:
        return await self._commands.ask(request, views.get_public_form)

    async def CheckForm(self, request: pb.CheckFormRequest, context: Context) -> pb.FormCheck:
        return await self._commands.ask(request, views.check_form)

    async def GetFormDraft(self, request: pb.GetFormDraftRequest, context: Context) -> pb.FormDraft:
        return await self._commands.ask(request, drafts.get_draft)

    async def SaveFormDraft(self, request: pb.SaveFormDraftRequest, context: Context) -> pb.FormDraft:
        return await self._commands.run(request, drafts.save_draft)

    async def DiscardFormDraft(self, request: pb.DiscardFormDraftRequest, context: Context) -> pb.FormDraft:
        return await self._commands.run(request, drafts.discard_draft)

    async def SimulateForm(self, request: pb.SimulateFormRequest, context: Context) -> pb.FormSimulation:
        return await self._commands.ask(request, drafts.simulate)

    async def PublishForm(self, request: pb.PublishFormRequest, context: Context) -> pb.Form:
        return await self._commands.run(request, publishing.publish)

    async def RetireForm(self, request: pb.RetireFormRequest, context: Context) -> pb.Form:
        return await self._commands.run(request, publishing.retire)

    async def GetComplaintForm(self, request: pb.GetComplaintFormRequest, context: Context) -> pb.ComplaintForm:
        return await self._commands.ask(request, amending.get_complaint_form)

    async def AmendComplaintForm(self, request: pb.AmendComplaintFormRequest, context: Context) -> pb.ComplaintForm:
        return await self._commands.run(request, amending.amend)
