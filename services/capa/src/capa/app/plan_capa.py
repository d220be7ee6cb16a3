"""Plans a CAPA: actions, criterion, submission, and the approval by someone else."""

from capa.adapters import cases
from capa.adapters.tables import capa_cases
from capa.app.change_capa import change_capa, changed_actions
from capa.app.roles import ANALYSTS, APPROVERS
from capa.app.views import capa_view
from capa.domain import actions, lifecycle, plan, require
from capa.domain.capa import Action, Capa, EffectivenessPlan
from capa.domain.rca import Rca
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.ids import new_id
from chassis.messages import from_timestamp, to_dict
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import ActionAssigned, CapaApproved


async def add_action(tx: Tx, call: Call, request: pb.AddActionRequest) -> pb.Capa:
    """See `domain.actions.add_action`."""
    call.require(*ANALYSTS)
    due = from_timestamp(request, "due")
    if due is None:
        raise Invalid("an action has a deadline", fields=[FieldError("due", "must be given")])

    def decide(capa: Capa, rca: Rca | None) -> Capa:
        action = Action(
            action_id=new_id(),
            type=request.type,  # type: ignore[arg-type]  # checked by the domain
            text=request.text,
            root_cause=request.root_cause or None,
            owner=request.owner,
            department=request.department,
            due_original=due,
            due_current=due,
            expected_effect=request.expected_effect,
            added_by=call.actor,
            round=capa.round,
        )
        return actions.add_action(capa, action, rca, tx.now)

    _, after = await change_capa(tx, call, request.capa_id, request.if_version, "action_added", decide)
    return await capa_view(tx, after)


async def cancel_action(tx: Tx, call: Call, request: pb.CancelActionRequest) -> pb.Capa:
    """See `domain.actions.cancel_action`."""
    call.require(*ANALYSTS)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return actions.cancel_action(capa, request.action_id, request.reason)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "action_cancelled", decide, reason=request.reason
    )
    return await capa_view(tx, after)


async def set_effectiveness_plan(tx: Tx, call: Call, request: pb.SetEffectivenessPlanRequest) -> pb.Capa:
    """See `domain.plan.set_effectiveness_plan`."""
    call.require(*ANALYSTS)
    given = {**to_dict(request.plan), "set_by": call.actor, "set_at": tx.now}

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return plan.set_effectiveness_plan(capa, EffectivenessPlan(**given))

    _, after = await change_capa(tx, call, request.capa_id, request.if_version, "effectiveness_plan_set", decide)
    return await capa_view(tx, after)


async def submit_plan(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """Signs the plan as its author and hands it to an approver; see `domain.plan.whole`."""
    call.require(*ANALYSTS)

    def decide(capa: Capa, rca: Rca | None) -> Capa:
        plan.whole(capa, rca)
        return lifecycle.submit(capa, call.actor)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "plan_submitted", decide, reason=request.reason
    )
    return await capa_view(tx, after)


async def approve_plan(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """Approves the plan and assigns its actions; see `domain.lifecycle.approve`."""
    call.require(*APPROVERS)

    def decide(capa: Capa, rca: Rca | None) -> Capa:
        approved = lifecycle.approve(capa, call.actor, call.on_behalf_of, tx.now)
        plan.rca_stands(capa, rca)
        return approved

    before, after = await change_capa(
        tx,
        call,
        request.capa_id,
        request.if_version,
        "plan_approved",
        decide,
        through=("plan_approved",),
        reason=request.reason,
    )
    assigned = changed_actions(before, after)
    event = CapaApproved(
        capa_id=after.capa_id,
        number=after.number,
        case_ids=await cases.of(tx, capa_cases, after.capa_id),
        actions=len(assigned),
        at=tx.now,
    )
    tx.emit(event, subject=after.capa_id, sequence=after.version)
    for action in assigned:
        tx.emit(_assigned(after, action, tx), subject=action.action_id, sequence=action.version)
    return await capa_view(tx, after)


def _assigned(capa: Capa, action: Action, tx: Tx) -> ActionAssigned:
    return ActionAssigned(
        action_id=action.action_id,
        capa_id=capa.capa_id,
        number=capa.number,
        type=action.type,
        owner=action.owner,
        department=action.department,
        due_at=action.due_current,
        at=tx.now,
    )


async def reject_plan(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """Sends the plan back with the reason; its author may take it back the same way."""
    reason = require.text("reason", request.reason)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        if call.actor != capa.plan_author:
            call.require(*APPROVERS)
        return lifecycle.reject(capa, reason)

    _, after = await change_capa(tx, call, request.capa_id, request.if_version, "plan_rejected", decide, reason=reason)
    return await capa_view(tx, after)
