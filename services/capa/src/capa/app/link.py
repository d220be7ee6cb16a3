"""Further cases of a cluster join an RCA or a CAPA that exists."""

from dataclasses import replace

from capa.adapters import capas, cases, rcas
from capa.adapters.tables import capa_cases, rca_cases
from capa.app.roles import STAFF
from capa.app.views import capa_view, rca_view
from capa.domain import require
from capa.domain.lifecycle import joinable, plan_is_approved, plan_is_implemented
from capa.domain.rca import linkable
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import CapaLinked, RcaLinked


async def link_rca(tx: Tx, call: Call, request: pb.LinkRequest) -> pb.Rca:
    """Idempotent. `completed` of the event opens the gate of the linked cases at once."""
    call.require(*STAFF)
    rca = linkable(await rcas.lock(tx, request.id))
    fresh = await cases.link(tx, rca_cases, rca.rca_id, _given(request), call.actor)
    if not fresh:
        return await rca_view(tx, rca)
    linked = replace(rca, version=rca.version + 1)
    await rcas.save(tx, rca, linked)
    event = RcaLinked(
        rca_id=rca.rca_id, number=rca.number, case_ids=fresh, completed=rca.state == "completed", at=tx.now
    )
    tx.emit(event, subject=rca.rca_id, sequence=linked.version)
    _audit(tx, call, "rca", rca.rca_id, fresh)
    return await rca_view(tx, linked)


async def link_capa(tx: Tx, call: Call, request: pb.LinkRequest) -> pb.Capa:
    """Idempotent. `approved` and `implemented` of the event open the gates of the linked cases at once."""
    call.require(*STAFF)
    capa = joinable(await capas.lock(tx, request.id))
    fresh = await cases.link(tx, capa_cases, capa.capa_id, _given(request), call.actor)
    if not fresh:
        return await capa_view(tx, capa)
    linked = replace(capa, version=capa.version + 1)
    await capas.save(tx, capa, linked, (), call.actor)
    event = CapaLinked(
        capa_id=capa.capa_id,
        number=capa.number,
        case_ids=fresh,
        approved=plan_is_approved(capa),
        implemented=plan_is_implemented(capa),
        at=tx.now,
    )
    tx.emit(event, subject=capa.capa_id, sequence=linked.version)
    _audit(tx, call, "capa", capa.capa_id, fresh)
    return await capa_view(tx, linked)


def _given(request: pb.LinkRequest) -> tuple[str, ...]:
    if not request.case_ids:
        raise Invalid("no case is named", fields=[FieldError("case_ids", "must be given")])
    return require.case_ids(request.case_ids)


def _audit(tx: Tx, call: Call, kind: str, aggregate_id: str, fresh: list[str]) -> None:
    tx.audit(
        aggregate_type=kind,
        aggregate_id=aggregate_id,
        action="cases_linked",
        call=call,
        changes={"case_ids": [[], fresh]},
    )
