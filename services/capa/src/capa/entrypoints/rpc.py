"""CapaService: every RPC is one use case or one query."""

from typing import Any

from capa.adapters.intake import ComplaintTexts
from capa.app import (
    analyse,
    carry_out,
    conclude_rca,
    contain,
    link,
    open_capa,
    plan_capa,
    post_cost,
    queries,
    share_knowledge,
    similar,
    verify_effect,
)
from capa.app.refused_approval import record_refused_approval
from capa.app.rules import ruled
from capa.domain.rules import Rules
from chassis.call import current_call
from chassis.commands import Commands
from chassis.db import Database
from chassis.definition_store import Published
from chassis.errors import Conflict
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1 import capa_pb2_grpc
from redress.common.v1.common_pb2 import Revision


class CapaServicer(capa_pb2_grpc.CapaServiceServicer):
    def __init__(self, commands: Commands, db: Database, rules: Published[Rules], texts: ComplaintTexts) -> None:
        self._commands = commands
        self._db = db
        self._rules = rules
        self._texts = texts

    async def RecordContainment(self, request: pb.RecordContainmentRequest, context: Any) -> Revision:
        return await self._commands.run(request, contain.record_containment)

    async def ListContainments(self, request: pb.ListContainmentsRequest, context: Any) -> pb.ListContainmentsReply:
        return await self._commands.ask(request, contain.list_containments)

    async def OpenRca(self, request: pb.OpenRcaRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, ruled(self._rules, analyse.open_rca))

    async def GetRca(self, request: pb.GetRcaRequest, context: Any) -> pb.Rca:
        return await self._commands.ask(request, queries.get_rca)

    async def ListRcas(self, request: pb.ListRcasRequest, context: Any) -> pb.ListRcasReply:
        return await self._commands.ask(request, queries.list_rcas)

    async def AddWhy(self, request: pb.AddWhyRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, ruled(self._rules, analyse.add_why))

    async def VerifyWhy(self, request: pb.VerifyWhyRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, analyse.verify_why)

    async def MarkRoot(self, request: pb.MarkRootRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, ruled(self._rules, analyse.mark_root))

    async def AddCause(self, request: pb.AddCauseRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, ruled(self._rules, analyse.add_cause))

    async def JudgeCause(self, request: pb.JudgeCauseRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, analyse.judge_cause)

    async def CompleteRca(self, request: pb.CompleteRcaRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, conclude_rca.complete_rca)

    async def WithdrawRca(self, request: pb.WithdrawRcaRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, conclude_rca.withdraw_rca)

    async def LinkRca(self, request: pb.LinkRequest, context: Any) -> pb.Rca:
        return await self._commands.run(request, link.link_rca)

    async def OpenCapa(self, request: pb.OpenCapaRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, ruled(self._rules, open_capa.open_capa))

    async def GetCapa(self, request: pb.GetCapaRequest, context: Any) -> pb.Capa:
        return await self._commands.ask(request, queries.get_capa)

    async def ListCapas(self, request: pb.ListCapasRequest, context: Any) -> pb.ListCapasReply:
        return await self._commands.ask(request, queries.list_capas)

    async def LinkCapa(self, request: pb.LinkRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, link.link_capa)

    async def AddAction(self, request: pb.AddActionRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, plan_capa.add_action)

    async def CancelAction(self, request: pb.CancelActionRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, plan_capa.cancel_action)

    async def SetEffectivenessPlan(self, request: pb.SetEffectivenessPlanRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, plan_capa.set_effectiveness_plan)

    async def SubmitPlan(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        return await self._commands.run(request, plan_capa.submit_plan)

    async def ApprovePlan(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        try:
            return await self._commands.run(request, plan_capa.approve_plan)
        except Conflict as refused:
            if refused.slug == "author_approves_own_plan":
                await record_refused_approval(self._db, current_call(), request.capa_id)
            raise

    async def RejectPlan(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        return await self._commands.run(request, plan_capa.reject_plan)

    async def ExtendAction(self, request: pb.ExtendActionRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, carry_out.extend_action)

    async def CompleteAction(self, request: pb.CompleteActionRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, carry_out.complete_action)

    async def ConcludeEffectiveness(self, request: pb.ConcludeEffectivenessRequest, context: Any) -> pb.Capa:
        return await self._commands.run(request, ruled(self._rules, verify_effect.conclude_effectiveness))

    async def CloseCapa(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        return await self._commands.run(request, verify_effect.close_capa)

    async def CancelCapa(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        return await self._commands.run(request, verify_effect.cancel_capa)

    async def ReopenCapa(self, request: pb.CapaCommand, context: Any) -> pb.Capa:
        return await self._commands.run(request, verify_effect.reopen_capa)

    async def PostCost(self, request: pb.PostCostRequest, context: Any) -> pb.Cost:
        return await self._commands.run(request, ruled(self._rules, post_cost.post_cost))

    async def ListCosts(self, request: pb.ListCostsRequest, context: Any) -> pb.ListCostsReply:
        return await self._commands.ask(request, queries.list_costs)

    async def PublishKnowledge(self, request: pb.PublishKnowledgeRequest, context: Any) -> pb.Knowledge:
        return await self._commands.run(request, ruled(self._rules, share_knowledge.publish_knowledge))

    async def GetKnowledge(self, request: pb.GetKnowledgeRequest, context: Any) -> pb.Knowledge:
        return await self._commands.ask(request, queries.get_knowledge)

    async def ListKnowledge(self, request: pb.ListKnowledgeRequest, context: Any) -> pb.ListKnowledgeReply:
        return await self._commands.ask(request, queries.list_knowledge)

    async def FindSimilar(self, request: pb.FindSimilarRequest, context: Any) -> pb.FindSimilarReply:
        full = await similar.described(current_call(), request, self._texts)
        return await self._commands.ask(full, ruled(self._rules, similar.find_similar))

    async def UseKnowledge(self, request: pb.UseKnowledgeRequest, context: Any) -> pb.Knowledge:
        return await self._commands.run(request, share_knowledge.use_knowledge)
