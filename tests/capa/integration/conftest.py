"""A desk: people of several roles who work through the use cases, each in a transaction of its own."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest

from capa.app import analyse, carry_out, conclude_rca, link, open_capa, plan_capa, verify_effect
from capa.domain.rules import Rules
from chassis.call import Call
from chassis.db import Database
from chassis.ids import new_id
from chassis.messages import to_timestamp
from redress.capa.v1 import capa_pb2 as pb

OCCURRENCE = "The torque is not stated in the work instruction"
ESCAPE = "The final test does not load the seal"


class Desk:
    def __init__(self, db: Database, rules: Rules, call_as: Callable[..., Call]) -> None:
        self.db = db
        self.rules = rules
        self.quality = call_as("quality")
        self.engineer = call_as("engineer")
        self.manager = call_as("manager")
        self.clerk = call_as("customer_service")

    async def do(self, use_case: Any, call: Call, request: Any, **more: Any) -> Any:
        async with self.db.tx() as tx:
            return await use_case(tx, call, request, **more)

    async def do_ruled(self, use_case: Any, call: Call, request: Any) -> Any:
        return await self.do(partial(use_case, rules=self.rules), call, request)

    async def events(self, *types: str) -> list[dict[str, Any]]:
        """Envelopes written so far, oldest first; `types` end with these words."""
        async with self.db.read() as tx:
            rows = await tx.fetch("SELECT type, body FROM outbox ORDER BY seq")
        return [msgspec.json.decode(row["body"]) for row in rows if not types or row["type"].endswith(types)]

    async def rca(self, case_ids: list[str] | None = None, **fields: Any) -> pb.Rca:
        given = {"title": "Seal leaks", "problem": "12 of 400 pumps of week 14 leak at 6 bar", "product_family": "pump"}
        request = pb.OpenRcaRequest(case_ids=case_ids or [new_id()], **(given | fields))
        return await self.do_ruled(analyse.open_rca, self.engineer, request)

    async def why(self, rca: pb.Rca, leg: str, answer: str, **fields: Any) -> pb.Rca:
        given = {"question": f"Why ({leg})?", "category": "method", "controllable": True}
        request = pb.AddWhyRequest(
            rca_id=rca.rca_id, if_version=rca.version, leg=leg, answer=answer, **(given | fields)
        )
        return await self.do_ruled(analyse.add_why, self.engineer, request)

    async def confirm(self, rca: pb.Rca, why_id: str, verify: str = "confirmed") -> pb.Rca:
        request = pb.VerifyWhyRequest(
            rca_id=rca.rca_id, if_version=rca.version, why_id=why_id, verify=verify, evidence=["report T-17"]
        )
        return await self.do(analyse.verify_why, self.engineer, request)

    async def root(self, rca: pb.Rca, why_id: str, is_root: bool = True) -> pb.Rca:
        request = pb.MarkRootRequest(rca_id=rca.rca_id, if_version=rca.version, why_id=why_id, is_root=is_root)
        return await self.do_ruled(analyse.mark_root, self.engineer, request)

    async def confirmed_root(self, rca: pb.Rca, leg: str, answer: str) -> pb.Rca:
        rca = await self.why(rca, leg, answer)
        why_id = rca.whys[-1].why_id
        return await self.root(await self.confirm(rca, why_id), why_id)

    async def complete(self, rca: pb.Rca) -> pb.Rca:
        request = pb.CompleteRcaRequest(rca_id=rca.rca_id, if_version=rca.version, responsible_department="production")
        return await self.do(conclude_rca.complete_rca, self.quality, request)

    async def rooted_rca(self, case_ids: list[str] | None = None, **fields: Any) -> pb.Rca:
        rca = await self.rca(case_ids, **fields)
        rca = await self.confirmed_root(rca, "occurrence", OCCURRENCE)
        return await self.confirmed_root(rca, "escape", ESCAPE)

    async def completed_rca(self, case_ids: list[str] | None = None, **fields: Any) -> pb.Rca:
        return await self.complete(await self.rooted_rca(case_ids, **fields))

    async def link_rca(self, rca: pb.Rca, *case_ids: str) -> pb.Rca:
        return await self.do(link.link_rca, self.clerk, pb.LinkRequest(id=rca.rca_id, case_ids=case_ids))

    async def capa(self, rca: pb.Rca | None = None, **fields: Any) -> pb.Capa:
        given = {"title": "Seal", "problem": "Seals leak", "risk_class": "major", "source": "complaint"}
        request = pb.OpenCapaRequest(rca_id=rca.rca_id if rca else None, **(given | fields))
        return await self.do_ruled(open_capa.open_capa, self.engineer, request)

    async def action(self, capa: pb.Capa, type: str = "corrective", **fields: Any) -> pb.Capa:
        given = {
            "text": "State the torque",
            "owner": self.engineer.actor,
            "department": "production",
            "due": to_timestamp(datetime.now(UTC) + timedelta(days=14)),
            "expected_effect": "No seal is over-tightened",
        }
        request = pb.AddActionRequest(capa_id=capa.capa_id, if_version=capa.version, type=type, **(given | fields))
        return await self.do(plan_capa.add_action, self.engineer, request)

    async def criterion(self, capa: pb.Capa, **fields: Any) -> pb.Capa:
        given: dict[str, Any] = {
            "metric": "leaking pumps",
            "method": "verification_test",
            "baseline": 0.3,
            "baseline_period": "2026-W14",
            "target": 0.02,
            "window_days": 0,
            "minimum_exposure": 30,
            "checker": self.quality.actor,
        }
        plan = pb.EffectivenessPlan(**(given | fields))
        request = pb.SetEffectivenessPlanRequest(capa_id=capa.capa_id, if_version=capa.version, plan=plan)
        return await self.do(plan_capa.set_effectiveness_plan, self.engineer, request)

    async def order(self, use_case: Any, call: Call, capa: pb.Capa, reason: str = "") -> pb.Capa:
        request = pb.CapaCommand(capa_id=capa.capa_id, if_version=capa.version, reason=reason)
        return await self.do(use_case, call, request)

    async def planned(self, rca: pb.Rca | None = None, **criterion: Any) -> pb.Capa:
        rca = rca or await self.completed_rca()
        capa = await self.capa(rca)
        for why in rca.whys:
            if why.is_root:
                capa = await self.action(capa, root_cause=why.why_id)
        capa = await self.criterion(capa, **criterion)
        return await self.order(plan_capa.submit_plan, self.engineer, capa)

    async def approved(self, rca: pb.Rca | None = None, **criterion: Any) -> pb.Capa:
        return await self.order(plan_capa.approve_plan, self.manager, await self.planned(rca, **criterion))

    async def finish(self, capa: pb.Capa, action_id: str, call: Call | None = None) -> pb.Capa:
        request = pb.CompleteActionRequest(capa_id=capa.capa_id, action_id=action_id, evidence=["photo 3"])
        return await self.do(carry_out.complete_action, call or self.engineer, request)

    async def verifying(self, rca: pb.Rca | None = None, **criterion: Any) -> pb.Capa:
        capa = await self.approved(rca, **criterion)
        for action in capa.actions:
            capa = await self.finish(capa, action.action_id)
        return capa

    async def check(self, capa: pb.Capa, call: Call | None = None, **fields: Any) -> pb.Capa:
        given: dict[str, Any] = {"observed": 0, "exposure": 40, "note": "40 pumps at 6 bar for 24 h"}
        request = pb.ConcludeEffectivenessRequest(capa_id=capa.capa_id, if_version=capa.version, **(given | fields))
        return await self.do_ruled(verify_effect.conclude_effectiveness, call or self.quality, request)

    async def effective(self, rca: pb.Rca | None = None) -> pb.Capa:
        return await self.check(await self.verifying(rca))


@pytest.fixture
def desk(db: Database, rules: Rules, call_as: Callable[..., Call]) -> Desk:
    return Desk(db, rules, call_as)
