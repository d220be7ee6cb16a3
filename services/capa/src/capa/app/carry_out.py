"""Actions are carried out: done with evidence, or extended with a reason."""

from capa.adapters import cases
from capa.adapters.tables import capa_cases
from capa.app.change_capa import change_capa
from capa.app.roles import ANALYSTS
from capa.app.views import capa_view
from capa.domain import actions
from capa.domain.capa import Capa
from capa.domain.rca import Rca
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import from_timestamp
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import ActionDone, ActionExtended, CapaImplemented


async def complete_action(tx: Tx, call: Call, request: pb.CompleteActionRequest) -> pb.Capa:
    """By its owner, whatever their role, or by someone who works on CAPAs; the last one starts the window."""

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        if call.actor != capa.action(request.action_id).owner:
            call.require(*ANALYSTS)
        return actions.complete_action(capa, request.action_id, request.evidence, call.actor, tx.now)

    before, after = await change_capa(
        tx, call, request.capa_id, request.if_version or None, "action_done", decide, through=("implemented",)
    )
    action = after.action(request.action_id)
    done = ActionDone(
        action_id=action.action_id,
        capa_id=after.capa_id,
        type=action.type,
        by=call.actor,
        due_original=action.due_original,
        due_current=action.due_current,
        at=tx.now,
    )
    tx.emit(done, subject=action.action_id, sequence=action.version)
    if after.state != before.state:
        await _tell_implemented(tx, after)
    return await capa_view(tx, after)


async def _tell_implemented(tx: Tx, capa: Capa) -> None:
    ends = capa.window_ends_at()
    assert ends is not None
    implemented = CapaImplemented(
        capa_id=capa.capa_id,
        number=capa.number,
        case_ids=await cases.of(tx, capa_cases, capa.capa_id),
        window_ends_at=ends,
        at=tx.now,
    )
    tx.emit(implemented, subject=capa.capa_id, sequence=capa.version)


async def extend_action(tx: Tx, call: Call, request: pb.ExtendActionRequest) -> pb.Capa:
    """Moves the deadline and keeps the original one; see `domain.actions.extend_action`."""
    call.require(*ANALYSTS)
    due = from_timestamp(request, "due")
    if due is None:
        raise Invalid("an extension names the new deadline", fields=[FieldError("due", "must be given")])

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return actions.extend_action(capa, request.action_id, due, request.reason, call.actor, tx.now)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "action_extended", decide, reason=request.reason
    )
    action = after.action(request.action_id)
    extended = ActionExtended(
        action_id=action.action_id,
        capa_id=after.capa_id,
        due_original=action.due_original,
        due_current=action.due_current,
        at=tx.now,
    )
    tx.emit(extended, subject=action.action_id, sequence=action.version)
    return await capa_view(tx, after)
