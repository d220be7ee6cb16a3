"""ChannelService: each call one use case."""

from typing import Any

from chassis.call import current_call
from chassis.commands import Commands
from intake.app.channels.answers import list_due_answers, record_answer_back
from intake.app.channels.deliver import DeliverHook
from intake.app.channels.registry import Registry
from intake.app.channels.try_out import try_channel
from intake.metrics import ChannelMetrics
from redress.intake.v1 import channels_pb2 as pb
from redress.intake.v1 import channels_pb2_grpc

Context = Any


class ChannelServicer(channels_pb2_grpc.ChannelServiceServicer):
    def __init__(self, commands: Commands, registry: Registry, deliver: DeliverHook, metrics: ChannelMetrics) -> None:
        self._commands = commands
        self._registry = registry
        self._deliver = deliver
        self._metrics = metrics

    async def CreateChannel(self, request: pb.CreateChannelRequest, context: Context) -> pb.Channel:
        return await self._commands.run(request, self._registry.create)

    async def UpdateChannel(self, request: pb.UpdateChannelRequest, context: Context) -> pb.Channel:
        return await self._commands.run(request, self._registry.update)

    async def DeleteChannel(self, request: pb.DeleteChannelRequest, context: Context) -> pb.DeleteChannelReply:
        return await self._commands.run(request, self._registry.delete)

    async def ListChannels(self, request: pb.ListChannelsRequest, context: Context) -> pb.ListChannelsReply:
        return await self._commands.ask(request, self._registry.list_all)

    async def GetChannel(self, request: pb.GetChannelRequest, context: Context) -> pb.Channel:
        return await self._commands.ask(request, self._registry.get)

    async def SetChannelSecret(self, request: pb.SetChannelSecretRequest, context: Context) -> pb.Channel:
        return await self._commands.run(request, self._registry.set_secret)

    async def TryChannel(self, request: pb.TryChannelRequest, context: Context) -> pb.TryChannelReply:
        return await self._commands.run(request, try_channel)

    async def DeliverHook(self, request: pb.DeliverHookRequest, context: Context) -> pb.DeliverHookReply:
        delivered = await self._deliver(current_call(), request)
        for outcome, n in delivered.outcomes.items():
            self._metrics.hooks.labels(outcome).inc(n)
        answer = delivered.answer
        return pb.DeliverHookReply(status=answer.status, content_type=answer.content_type, body=answer.body)

    async def ListDueAnswers(self, request: pb.ListDueAnswersRequest, context: Context) -> pb.ListDueAnswersReply:
        return await self._commands.ask(request, list_due_answers)

    async def RecordAnswerBack(self, request: pb.RecordAnswerBackRequest, context: Context) -> pb.DueAnswer:
        return await self._commands.run(request, record_answer_back)
