"""Publishes what was learned, and counts where it helped."""

from dataclasses import asdict, replace

from capa.adapters import capas, cases, documents, knowledge, rcas, rows
from capa.adapters.documents import Document
from capa.adapters.tables import KNOWLEDGE_NUMBERS, knowledge_cases, knowledge_uses
from capa.app.change_capa import change_capa
from capa.app.roles import ANALYSTS, STAFF
from capa.app.trail import changes
from capa.domain import require
from capa.domain.capa import Capa
from capa.domain.knowledge import Knowledge, checked, publishable
from capa.domain.rca import Rca
from capa.domain.rules import Rules
from capa.domain.text import fold, grams
from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from chassis.messages import set_fields, to_message
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import KnowledgePublished, KnowledgeUsed


async def publish_knowledge(tx: Tx, call: Call, request: pb.PublishKnowledgeRequest, rules: Rules) -> pb.Knowledge:
    """From finished work only; see `domain.knowledge.publishable`. The event names every case it stems from."""
    call.require(*ANALYSTS)
    case_ids = require.case_ids(request.case_ids)
    rca = await rcas.get_or_none(tx, request.rca_id)
    capa = await capas.lock(tx, request.capa_id) if request.capa_id else None
    publishable(case_ids, await cases.known_open(tx, case_ids), rca, capa)
    entry = checked(await _new(tx, call, request, rca, capa))
    await knowledge.save(tx, entry)
    await cases.link(tx, knowledge_cases, entry.knowledge_id, case_ids, call.actor)
    await documents.put(tx, _document(entry, rules))
    if capa is not None:
        await _note_in(tx, call, capa, entry)
    _tell_published(tx, call, entry, list(case_ids))
    return _view(entry, await cases.of(tx, knowledge_cases, entry.knowledge_id))


async def _new(
    tx: Tx, call: Call, request: pb.PublishKnowledgeRequest, rca: Rca | None, capa: Capa | None
) -> Knowledge:
    given = set_fields(request)
    return Knowledge(
        knowledge_id=new_id(),
        number=await rows.next_number(tx, "K", KNOWLEDGE_NUMBERS),
        title=request.title.strip(),
        problem=request.problem.strip(),
        root_cause=request.root_cause.strip(),
        solution=request.solution.strip(),
        lessons=request.lessons.strip(),
        documents_changed=tuple(request.documents_changed),
        product_family=request.product_family.strip(),
        defect_code=given.get("defect_code"),
        failure_location=given.get("failure_location"),
        rca_id=rca.rca_id if rca else None,
        capa_id=capa.capa_id if capa else None,
        language=request.language,
        author=call.actor,
        published_at=tx.now,
    )


def _document(entry: Knowledge, rules: Rules) -> Document:
    text = f"{entry.title} {entry.problem} {entry.solution}"
    return Document(
        kind="knowledge",
        id=entry.knowledge_id,
        number=entry.number,
        title=entry.title,
        solution=entry.solution,
        family_key=fold(entry.product_family),
        defect_key=fold(entry.defect_code or ""),
        place_key=fold(entry.failure_location or ""),
        grams=tuple(grams(text, rules.similarity.maximum_grams)),
        offered=True,
    )


async def _note_in(tx: Tx, call: Call, capa: Capa, entry: Knowledge) -> None:
    def decide(found: Capa, _rca: Rca | None) -> Capa:
        return replace(found, knowledge_id=entry.knowledge_id)

    await change_capa(tx, call, capa.capa_id, None, "knowledge_published", decide)


def _tell_published(tx: Tx, call: Call, entry: Knowledge, case_ids: list[str]) -> None:
    event = KnowledgePublished(
        knowledge_id=entry.knowledge_id,
        number=entry.number,
        case_ids=case_ids,
        rca_id=entry.rca_id,
        capa_id=entry.capa_id,
        product_family=entry.product_family,
        defect_code=entry.defect_code,
        at=tx.now,
    )
    tx.emit(event, subject=entry.knowledge_id, sequence=entry.version)
    tx.audit(
        aggregate_type="knowledge",
        aggregate_id=entry.knowledge_id,
        action="published",
        call=call,
        changes=changes(None, entry) | {"case_ids": [[], case_ids]},
        first=True,
    )


async def use_knowledge(tx: Tx, call: Call, request: pb.UseKnowledgeRequest) -> pb.Knowledge:
    """Notes that it helped a case. Idempotent per case: one case counts once."""
    call.require(*STAFF)
    case_id = require.case_id(request.case_id)
    entry = await knowledge.lock(tx, request.knowledge_id)
    if await cases.link(tx, knowledge_uses, entry.knowledge_id, [case_id], call.actor):
        entry = replace(entry, used=entry.used + 1, version=entry.version + 1)
        await knowledge.save(tx, entry)
        event = KnowledgeUsed(knowledge_id=entry.knowledge_id, case_id=case_id, at=tx.now)
        tx.emit(event, subject=entry.knowledge_id, sequence=entry.version)
        tx.audit(
            aggregate_type="knowledge",
            aggregate_id=entry.knowledge_id,
            action="used",
            call=call,
            changes={"used": [entry.used - 1, entry.used]},
            reason=f"case {case_id}",
        )
    return _view(entry, await cases.of(tx, knowledge_cases, entry.knowledge_id))


def _view(entry: Knowledge, case_ids: list[str]) -> pb.Knowledge:
    return to_message(pb.Knowledge, {**asdict(entry), "case_ids": case_ids})
