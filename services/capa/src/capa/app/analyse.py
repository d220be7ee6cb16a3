"""Root cause analysis: open one, ask why, collect causes, judge both."""

from functools import partial

from capa.adapters import cases, documents, rcas, rows
from capa.adapters.documents import Document
from capa.adapters.tables import RCA_NUMBERS, rca_cases
from capa.app.change_rca import change_rca
from capa.app.roles import ANALYSTS
from capa.app.trail import changes
from capa.app.views import rca_view
from capa.domain import fishbone, five_why, require
from capa.domain.rca import Cause, Rca, Why
from capa.domain.rules import DEFAULT_CATEGORIES, Rules
from capa.domain.text import fold, grams
from chassis.call import Call
from chassis.db import Tx
from chassis.ids import new_id
from chassis.messages import set_fields
from redress.capa.v1 import capa_pb2 as pb
from redress.capa.v1.events import RcaOpened


async def open_rca(tx: Tx, call: Call, request: pb.OpenRcaRequest, rules: Rules) -> pb.Rca:
    """A new analysis for one case or a cluster of cases; several analyses may look at one case."""
    call.require(*ANALYSTS)
    case_ids = require.case_ids(request.case_ids)
    given = set_fields(request)
    rca = Rca(
        rca_id=new_id(),
        number=await rows.next_number(tx, "R", RCA_NUMBERS),
        title=require.text("title", request.title),
        problem=require.text("problem", request.problem),
        product_family=require.text("product_family", request.product_family),
        defect_code=given.get("defect_code"),
        failure_location=given.get("failure_location"),
        category_set=require.one_of("category_set", request.category_set or DEFAULT_CATEGORIES, rules.category_sets),
        author=call.actor,
        opened_at=tx.now,
    )
    await rcas.save(tx, None, rca)
    await cases.link(tx, rca_cases, rca.rca_id, case_ids, call.actor)
    await documents.put(tx, _document(rca, rules))
    tx.emit(
        RcaOpened(rca_id=rca.rca_id, number=rca.number, case_ids=list(case_ids), at=tx.now),
        subject=rca.rca_id,
        sequence=rca.version,
    )
    tx.audit(
        aggregate_type="rca",
        aggregate_id=rca.rca_id,
        action="opened",
        call=call,
        changes=changes(None, rca) | {"case_ids": [[], list(case_ids)]},
        first=True,
    )
    return await rca_view(tx, rca)


def _document(rca: Rca, rules: Rules) -> Document:
    text = f"{rca.title} {rca.problem}"
    return Document(
        kind="rca",
        id=rca.rca_id,
        number=rca.number,
        title=rca.title,
        solution="",
        family_key=fold(rca.product_family),
        defect_key=fold(rca.defect_code or ""),
        place_key=fold(rca.failure_location or ""),
        grams=tuple(grams(text, rules.similarity.maximum_grams)),
        offered=True,
    )


async def add_why(tx: Tx, call: Call, request: pb.AddWhyRequest, rules: Rules) -> pb.Rca:
    """See `domain.five_why.add_why`."""
    call.require(*ANALYSTS)
    why = Why(
        why_id=new_id(),
        parent=request.parent or None,
        leg=request.leg,
        question=request.question,
        answer=request.answer,
        evidence=require.evidence(request.evidence),
        category=request.category,
        controllable=request.controllable,
        by=call.actor,
        at=tx.now,
    )
    decide = partial(five_why.add_why, why=why, rules=rules)
    return await rca_view(tx, await change_rca(tx, call, request.rca_id, request.if_version, "why_added", decide))


async def verify_why(tx: Tx, call: Call, request: pb.VerifyWhyRequest) -> pb.Rca:
    """See `domain.five_why.verify_why`."""
    call.require(*ANALYSTS)
    evidence = tuple(request.evidence)
    decide = partial(five_why.verify_why, why_id=request.why_id, verify=request.verify, evidence=evidence)
    return await rca_view(tx, await change_rca(tx, call, request.rca_id, request.if_version, "why_judged", decide))


async def mark_root(tx: Tx, call: Call, request: pb.MarkRootRequest, rules: Rules) -> pb.Rca:
    """See `domain.five_why.mark_root`."""
    call.require(*ANALYSTS)
    decide = partial(five_why.mark_root, why_id=request.why_id, is_root=request.is_root, rules=rules)
    return await rca_view(tx, await change_rca(tx, call, request.rca_id, request.if_version, "root_marked", decide))


async def add_cause(tx: Tx, call: Call, request: pb.AddCauseRequest, rules: Rules) -> pb.Rca:
    """See `domain.fishbone.add_cause`."""
    call.require(*ANALYSTS)
    cause = Cause(
        cause_id=new_id(),
        parent=request.parent or None,
        category=request.category,
        text=request.text,
        evidence=require.evidence(request.evidence),
        by=call.actor,
    )
    decide = partial(fishbone.add_cause, cause=cause, rules=rules)
    return await rca_view(tx, await change_rca(tx, call, request.rca_id, request.if_version, "cause_added", decide))


async def judge_cause(tx: Tx, call: Call, request: pb.JudgeCauseRequest) -> pb.Rca:
    """See `domain.fishbone.judge_cause`."""
    call.require(*ANALYSTS)
    decide = partial(
        fishbone.judge_cause,
        cause_id=request.cause_id,
        status=request.status,
        reason=request.reason,
        why_id=request.why_id or None,
    )
    rca = await change_rca(tx, call, request.rca_id, request.if_version, "cause_judged", decide, reason=request.reason)
    return await rca_view(tx, rca)
