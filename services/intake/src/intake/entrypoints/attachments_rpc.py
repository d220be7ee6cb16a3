"""AttachmentService: files in and out as streams."""

from collections.abc import AsyncIterator
from typing import Any

from chassis.call import current_call
from chassis.commands import Commands
from intake.app.attachments.add import AddAttachment
from intake.app.attachments.look import LookAtAttachments
from intake.app.attachments.remove import RemoveAttachment
from redress.intake.v1 import attachments_pb2 as pb
from redress.intake.v1 import attachments_pb2_grpc

Context = Any


class AttachmentServicer(attachments_pb2_grpc.AttachmentServiceServicer):
    def __init__(self, commands: Commands, add: AddAttachment, look: LookAtAttachments) -> None:
        self._commands = commands
        self._add = add
        self._look = look
        self._remove = RemoveAttachment(look)

    async def AddAttachment(
        self, request_iterator: AsyncIterator[pb.AddAttachmentRequest], context: Context
    ) -> pb.Attachment:
        return await self._add(current_call(), request_iterator)

    async def ListAttachments(self, request: pb.ListAttachmentsRequest, context: Context) -> pb.ListAttachmentsReply:
        return await self._commands.ask(request, self._look.listed)

    async def GetAttachment(self, request: pb.GetAttachmentRequest, context: Context) -> pb.Attachment:
        return await self._commands.ask(request, self._look.one)

    async def ReadAttachment(
        self, request: pb.GetAttachmentRequest, context: Context
    ) -> AsyncIterator[pb.AttachmentPiece]:
        async for piece in self._look.read(current_call(), request):
            yield piece

    async def RemoveAttachment(self, request: pb.RemoveAttachmentRequest, context: Context) -> pb.Attachment:
        return await self._commands.run(request, self._remove)
