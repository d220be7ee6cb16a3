"""After the implementation: the verdict, and what follows from it."""

from capa.adapters import cases
from capa.adapters.tables import capa_cases
from capa.app.change_capa import change_capa
from capa.app.roles import APPROVERS, STAFF
from capa.app.views import capa_view
from capa.domain import effectiveness, lifecycle
from capa.domain.capa import Capa
from capa.domain.effectiveness import Finding
from capa.domain.rca import Rca
from capa.domain.rules import Rules
from chassis.call import Call
from chassis.db import Tx
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import CapaClosed, CapaEffectivenessConcluded, CapaReopened


async def conclude_effectiveness(tx: Tx, call: Call, request: pb.ConcludeEffectivenessRequest, rules: Rules) -> pb.Capa:
    """The verdict on the window; who may check and when is in `domain.effectiveness.check`."""
    call.require(*STAFF)
    finding = Finding(request.observed, request.exposure, request.note, request.decision or None)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        check = effectiveness.check(
            capa, finding, call.actor, quality=call.has("quality"), limits=rules.exposure, now=tx.now
        )
        return lifecycle.conclude(capa, check)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "effectiveness_concluded", decide, reason=request.note
    )
    event = CapaEffectivenessConcluded(
        capa_id=after.capa_id,
        number=after.number,
        verdict=after.checks[-1].verdict,
        at=tx.now,
        window_ends_at=after.window_ends_at(),
    )
    tx.emit(event, subject=after.capa_id, sequence=after.version)
    return await capa_view(tx, after)


async def close_capa(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """Only once it is proven effective; see `domain.lifecycle.close`."""
    call.require(*APPROVERS)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return lifecycle.close(capa, tx.now)

    _, after = await change_capa(tx, call, request.capa_id, request.if_version, "closed", decide, reason=request.reason)
    await _tell_closed(tx, after, "effective")
    return await capa_view(tx, after)


async def cancel_capa(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """With a reason and the name of who decided."""
    call.require(*APPROVERS)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return lifecycle.cancel(capa, request.reason, tx.now)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "cancelled", decide, reason=request.reason
    )
    await _tell_closed(tx, after, "cancelled")
    return await capa_view(tx, after)


async def reopen_capa(tx: Tx, call: Call, request: pb.CapaCommand) -> pb.Capa:
    """When it did not work or the problem came back: another round of planning begins."""
    call.require(*APPROVERS)

    def decide(capa: Capa, _rca: Rca | None) -> Capa:
        return lifecycle.reopen(capa, request.reason)

    _, after = await change_capa(
        tx, call, request.capa_id, request.if_version, "reopened", decide, reason=request.reason
    )
    case_ids = await cases.of(tx, capa_cases, after.capa_id)
    event = CapaReopened(capa_id=after.capa_id, number=after.number, case_ids=case_ids, at=tx.now)
    tx.emit(event, subject=after.capa_id, sequence=after.version)
    return await capa_view(tx, after)


async def _tell_closed(tx: Tx, capa: Capa, outcome: str) -> None:
    closed = CapaClosed(
        capa_id=capa.capa_id,
        number=capa.number,
        case_ids=await cases.of(tx, capa_cases, capa.capa_id),
        outcome=outcome,  # type: ignore[arg-type]
        at=tx.now,
    )
    tx.emit(closed, subject=capa.capa_id, sequence=capa.version)
