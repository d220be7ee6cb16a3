"""Posts a quality cost line."""

from capa.adapters import cases, rows
from capa.adapters.capas import get as get_capa
from capa.adapters.tables import costs
from capa.app.roles import STAFF
from capa.app.trail import changes
from capa.domain import require
from capa.domain.costs import Cost, checked, day
from capa.domain.rules import Rules
from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from chassis.messages import to_message
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import CostPosted


async def post_cost(tx: Tx, call: Call, request: pb.PostCostRequest, rules: Rules) -> pb.Cost:
    """See `domain.costs.checked`."""
    call.require(*STAFF)
    cost = checked(
        Cost(
            cost_id=new_id(),
            date=day(request.date),
            category=request.category,
            sub_type=request.sub_type,
            amount_minor=request.amount_minor,
            currency=request.currency,
            case_id=require.case_id(request.case_id) if request.case_id else None,
            capa_id=(await get_capa(tx, request.capa_id)).capa_id if request.capa_id else None,
            period=request.period or None,
            source_document=request.source_document.strip(),
            estimated=request.estimated,
            by=call.actor,
        ),
        rules.cost_sub_types,
    )
    if cost.case_id is not None:
        await cases.expect(tx, [cost.case_id])
    await rows.put(tx, costs, [rows.columns(costs, cost)])
    tx.emit(_posted(cost), subject=cost.cost_id, sequence=1)
    tx.audit(
        aggregate_type="cost",
        aggregate_id=cost.cost_id,
        action="posted",
        call=call,
        changes=changes(None, cost),
        first=True,
    )
    return to_message(pb.Cost, vars(cost))


def _posted(cost: Cost) -> CostPosted:
    return CostPosted(
        cost_id=cost.cost_id,
        date=cost.date,
        category=cost.category,  # type: ignore[arg-type]  # checked by the domain
        sub_type=cost.sub_type,
        amount_minor=cost.amount_minor,
        currency=cost.currency,
        case_id=cost.case_id,
        capa_id=cost.capa_id,
        estimated=cost.estimated,
    )
