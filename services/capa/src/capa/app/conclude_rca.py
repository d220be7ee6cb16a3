"""Completes and withdraws analyses."""

from functools import partial

from capa.adapters import cases, documents
from capa.adapters.tables import rca_cases
from capa.app.change_rca import change_rca
from capa.app.roles import ANALYSTS, APPROVERS
from capa.app.views import rca_view
from capa.domain import require
from capa.domain.rca import withdraw
from capa.domain.rca_completion import complete, root_categories, rooted_legs
from chassis.call import Call
from chassis.db import Tx
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import RcaCompleted, RcaWithdrawn


async def complete_rca(tx: Tx, call: Call, request: pb.CompleteRcaRequest) -> pb.Rca:
    """Completes the analysis for every case linked to it by now; see `domain.rca_completion.complete`."""
    call.require(*ANALYSTS)
    decide = partial(complete, responsible_department=request.responsible_department, now=tx.now)
    rca = await change_rca(tx, call, request.rca_id, request.if_version, "completed", decide)
    completed = RcaCompleted(
        rca_id=rca.rca_id,
        number=rca.number,
        # Read under the lock of the analysis: a case linked at the same time is either in here or told by rca.linked.
        case_ids=await cases.of(tx, rca_cases, rca.rca_id),
        legs=rooted_legs(rca),
        categories=root_categories(rca),
        responsible_department=rca.responsible_department or "",
        at=tx.now,
    )
    tx.emit(completed, subject=rca.rca_id, sequence=rca.version)
    return await rca_view(tx, rca)


async def withdraw_rca(tx: Tx, call: Call, request: pb.WithdrawRcaRequest) -> pb.Rca:
    """Says that an analysis no longer stands, with the reason."""
    call.require(*APPROVERS)
    reason = require.text("reason", request.reason)
    rca = await change_rca(tx, call, request.rca_id, request.if_version, "withdrawn", withdraw, reason=reason)
    await documents.offer(tx, "rca", rca.rca_id, False)
    case_ids = await cases.of(tx, rca_cases, rca.rca_id)
    event = RcaWithdrawn(rca_id=rca.rca_id, number=rca.number, case_ids=case_ids, at=tx.now)
    tx.emit(event, subject=rca.rca_id, sequence=rca.version)
    return await rca_view(tx, rca)
