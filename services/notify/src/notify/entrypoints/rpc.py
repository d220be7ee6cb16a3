"""NotifyService over gRPC."""

from functools import partial
from typing import Any

from chassis.commands import Commands
from notify.app import queries, survey_queries, surveys
from notify.app.mailroom import Mailroom
from notify.app.retry import retry_delivery
from redress.notify.v1 import notify_pb2 as pb
from redress.notify.v1 import notify_pb2_grpc


class NotifyServicer(notify_pb2_grpc.NotifyServiceServicer):
    def __init__(self, commands: Commands, room: Mailroom) -> None:
        self._commands = commands
        self._retry = partial(retry_delivery, room)

    async def ListDeliveries(self, request: pb.ListDeliveriesRequest, context: Any) -> pb.ListDeliveriesReply:
        return await self._commands.ask(request, queries.list_deliveries)

    async def GetDelivery(self, request: pb.GetDeliveryRequest, context: Any) -> pb.Delivery:
        return await self._commands.ask(request, queries.get_delivery)

    async def RetryDelivery(self, request: pb.GetDeliveryRequest, context: Any) -> pb.Delivery:
        return await self._commands.run(request, self._retry)

    async def ListSurveys(self, request: pb.ListSurveysRequest, context: Any) -> pb.ListSurveysReply:
        return await self._commands.ask(request, survey_queries.list_surveys)

    async def GetSurvey(self, request: pb.GetSurveyRequest, context: Any) -> pb.Survey:
        return await self._commands.ask(request, survey_queries.get_survey)

    async def AnswerSurvey(self, request: pb.AnswerSurveyRequest, context: Any) -> pb.Survey:
        return await self._commands.run(request, surveys.answer_survey)

    async def RecordSurveyAnswer(self, request: pb.RecordSurveyAnswerRequest, context: Any) -> pb.Survey:
        return await self._commands.run(request, surveys.record_call_back)

    async def GetTotals(self, request: pb.GetTotalsRequest, context: Any) -> pb.Totals:
        return await self._commands.ask(request, queries.get_totals)
