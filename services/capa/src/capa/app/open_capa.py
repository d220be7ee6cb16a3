"""Opens a CAPA, or records the decision that none is needed."""

from collections.abc import Sequence

from capa.adapters import capas, cases, documents, rcas, rows
from capa.adapters.documents import Document
from capa.adapters.tables import CAPA_NUMBERS, capa_cases, rca_cases
from capa.app.change_capa import change_capa
from capa.app.roles import ANALYSTS, APPROVERS
from capa.app.trail import changes
from capa.app.views import capa_view
from capa.domain import lifecycle, require
from capa.domain.capa import RISK_CLASSES, SOURCES, Capa
from capa.domain.rca import Rca, linkable
from capa.domain.rules import Rules
from capa.domain.text import fold, grams
from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import CapaClosed, CapaOpened


async def open_capa(tx: Tx, call: Call, request: pb.OpenCapaRequest, rules: Rules) -> pb.Capa:
    """A CAPA for the given cases, or for those of its analysis when none are given.

    With `required` = false it is the record of a decision: opened and cancelled at once, by an approver's name and with
    the rationale as reason ("no CAPA" needs reason and name, DOMAIN expert point 5).
    """
    decided_against = request.HasField("required") and not request.required
    call.require(*(APPROVERS if decided_against else ANALYSTS))
    if decided_against:
        require.text("rationale", request.rationale)
    rca = linkable(await rcas.lock(tx, request.rca_id)) if request.rca_id else None
    capa = await _new(tx, call, request, rca)
    case_ids = require.case_ids(request.case_ids)
    if rca is not None and not case_ids:
        case_ids = tuple(await cases.of(tx, rca_cases, rca.rca_id))
    await _record(tx, call, capa, case_ids)
    await documents.put(tx, _document(capa, rca, rules))
    if decided_against:
        capa = await _decide_against(tx, call, capa, case_ids)
    return await capa_view(tx, capa)


async def _new(tx: Tx, call: Call, request: pb.OpenCapaRequest, rca: Rca | None) -> Capa:
    return Capa(
        capa_id=new_id(),
        number=await rows.next_number(tx, "A", CAPA_NUMBERS),
        title=require.text("title", request.title),
        problem=require.text("problem", request.problem),
        rca_id=rca.rca_id if rca else None,
        risk_class=require.one_of("risk_class", request.risk_class, RISK_CLASSES),
        source=require.one_of("source", request.source, SOURCES),
        rationale=request.rationale.strip(),
        author=call.actor,
        opened_at=tx.now,
    )


async def _record(tx: Tx, call: Call, capa: Capa, case_ids: Sequence[str]) -> None:
    await capas.save(tx, None, capa, ["opened"], call.actor)
    await cases.link(tx, capa_cases, capa.capa_id, case_ids, call.actor)
    event = CapaOpened(
        capa_id=capa.capa_id,
        number=capa.number,
        rca_id=capa.rca_id,
        case_ids=list(case_ids),
        risk_class=capa.risk_class,
        at=tx.now,
    )
    tx.emit(event, subject=capa.capa_id, sequence=capa.version)
    tx.audit(
        aggregate_type="capa",
        aggregate_id=capa.capa_id,
        action="opened",
        call=call,
        changes=changes(None, capa) | {"case_ids": [[], list(case_ids)]},
        first=True,
    )


def _document(capa: Capa, rca: Rca | None, rules: Rules) -> Document:
    text = f"{capa.title} {capa.problem}"
    return Document(
        kind="capa",
        id=capa.capa_id,
        number=capa.number,
        title=capa.title,
        solution="",
        family_key=fold(rca.product_family) if rca else "",
        defect_key=fold(rca.defect_code or "") if rca else "",
        place_key=fold(rca.failure_location or "") if rca else "",
        grams=tuple(grams(text, rules.similarity.maximum_grams)),
        offered=True,
    )


async def _decide_against(tx: Tx, call: Call, capa: Capa, case_ids: Sequence[str]) -> Capa:
    def decide(opened: Capa, _rca: Rca | None) -> Capa:
        return lifecycle.cancel(opened, capa.rationale, tx.now)

    _, cancelled = await change_capa(
        tx, call, capa.capa_id, capa.version, "decided_not_required", decide, reason=capa.rationale
    )
    event = CapaClosed(
        capa_id=capa.capa_id, number=capa.number, case_ids=list(case_ids), outcome="cancelled", at=tx.now
    )
    tx.emit(event, subject=capa.capa_id, sequence=cancelled.version)
    return cancelled
