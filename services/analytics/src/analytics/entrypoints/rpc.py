"""AnalyticsService over gRPC."""

from functools import partial
from typing import Any

from analytics.app import queries
from analytics.app.queries import Formulas
from chassis.commands import Commands
from redress.analytics.v1 import analytics_pb2 as pb
from redress.analytics.v1 import analytics_pb2_grpc


class AnalyticsServicer(analytics_pb2_grpc.AnalyticsServiceServicer):
    def __init__(self, commands: Commands, formulas: Formulas) -> None:
        self._commands = commands
        self._list_kpis = partial(queries.list_kpis, formulas)
        self._list_kpi_panels = partial(queries.list_kpi_panels, formulas)
        self._get_kpis = partial(queries.get_kpis, formulas)
        self._list_kpi_facts = partial(queries.list_kpi_facts, formulas)
        self._get_stage_times = partial(queries.get_stage_times, formulas)

    async def ListKpis(self, request: pb.ListKpisRequest, context: Any) -> pb.ListKpisReply:
        return await self._commands.ask(request, self._list_kpis)

    async def ListKpiPanels(self, request: pb.ListKpiPanelsRequest, context: Any) -> pb.ListKpiPanelsReply:
        return await self._commands.ask(request, self._list_kpi_panels)

    async def GetKpis(self, request: pb.GetKpisRequest, context: Any) -> pb.GetKpisReply:
        return await self._commands.ask(request, self._get_kpis)

    async def ListKpiFacts(self, request: pb.ListKpiFactsRequest, context: Any) -> pb.ListKpiFactsReply:
        return await self._commands.ask(request, self._list_kpi_facts)

    async def GetStageTimes(self, request: pb.GetKpisRequest, context: Any) -> pb.GetStageTimesReply:
        return await self._commands.ask(request, self._get_stage_times)

    async def GetFact(self, request: pb.GetFactRequest, context: Any) -> pb.Fact:
        return await self._commands.ask(request, queries.get_fact)
