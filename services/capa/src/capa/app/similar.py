"""Knowledge cases, RCAs and CAPAs that resemble a complaint. Text only proposes; people decide."""

from capa.adapters import documents
from capa.adapters.documents import Problem
from capa.adapters.intake import ComplaintTexts
from capa.app.roles import READERS
from capa.domain import require
from capa.domain.rules import Rules
from capa.domain.text import fold, grams, signature_of
from chassis.call import Call
from chassis.db import Tx
from chassis.errors import FieldError, Invalid
from chassis.messages import to_message
from redress.capa.v1 import capa_pb2 as pb

_DEFAULT_LIMIT = 5
_MAX_LIMIT = 20


async def described(call: Call, request: pb.FindSimilarRequest, texts: ComplaintTexts) -> pb.FindSimilarRequest:
    """The request with what intake knows of the complaint, asked before any transaction; what is given here wins."""
    call.require(*READERS)
    if not request.complaint_id:
        return request
    require.case_id(request.complaint_id, "complaint_id")
    known = await texts.of(request.complaint_id)
    full = pb.FindSimilarRequest(
        text=known.description,
        product_family=known.product_family,
        defect_code=known.defect_code,
        failure_location=known.failure_location,
    )
    full.MergeFrom(request)
    return full


async def find_similar(tx: Tx, call: Call, request: pb.FindSimilarRequest, rules: Rules) -> pb.FindSimilarReply:
    """At most `limit` (1..20; 0 means 5), best first; what the complaint is linked to already is left out."""
    call.require(*READERS)
    if not 0 <= request.limit <= _MAX_LIMIT:
        raise Invalid("too many are asked for", fields=[FieldError("limit", f"must be 0..{_MAX_LIMIT}")])
    problem = Problem(
        signature=signature_of(
            request.product_family, request.defect_code, request.failure_location, rules.catch_all_defects
        ),
        family_key=fold(request.product_family),
        grams=tuple(grams(request.text, rules.similarity.maximum_grams)),
        case_id=request.complaint_id or None,
    )
    found = await documents.find(tx, problem, rules.similarity, request.limit or _DEFAULT_LIMIT)
    return pb.FindSimilarReply(similar=[to_message(pb.Similar, vars(match)) for match in found])
