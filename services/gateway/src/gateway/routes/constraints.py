"""What a value looks like, where the proto knows only `string` and `int32`: shown in the document.

The owner judges the words, because some of them are data; what the document says here is what every installation takes.
"""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gateway.routes import channel_words, grading_words, likeness_words, master_data_words, submission_words
from gateway.routes.ids import ID_PATTERN, is_id
from gateway.routes.vocabulary import DEFAULTS, QUESTIONS_ASKED, is_required

_ANSWERS = "yes no unknown"
_CHANNELS = "api web phone mail file paper social chat sms authority"
_GRADES = "urgent important routine"
_REMEDIES = "repair replacement refund price_cut apology information compensation other"

WORDS: Mapping[str, str] = {
    "redress.capa.v1.AddActionRequest.type": "containment correction corrective preventive improvement",
    "redress.capa.v1.AddWhyRequest.leg": "occurrence escape systemic",
    "redress.capa.v1.ConcludeEffectivenessRequest.decision": "effective not_effective",
    "redress.capa.v1.EffectivenessPlan.method": "recurrence verification_test",
    "redress.capa.v1.JudgeCauseRequest.status": "suspected verified excluded",
    "redress.capa.v1.OpenCapaRequest.risk_class": "critical major minor",
    "redress.capa.v1.OpenCapaRequest.source": "complaint signal audit internal",
    "redress.capa.v1.PostCostRequest.category": "prevention appraisal internal_failure external_failure",
    "redress.capa.v1.PublishKnowledgeRequest.language": "zh en",
    "redress.capa.v1.RecordContainmentRequest.place": "own_stock transit customer supplier none_needed",
    "redress.capa.v1.VerifyWhyRequest.verify": "unverified confirmed refuted",
    "redress.intake.v1.ComplaintFilter.channel": _CHANNELS,
    "redress.intake.v1.ComplaintFilter.grade": _GRADES,
    "redress.intake.v1.ComplaintFilter.language": "zh en",
    "redress.intake.v1.ComplaintFilter.remedy_wanted": _REMEDIES,
    "redress.intake.v1.ComplaintFilter.repeat_level": "R1 R2",
    "redress.intake.v1.ComplaintFilter.state": "open closed merged",
    **{f"redress.intake.v1.ComplaintFilter.{name}": _ANSWERS for name in QUESTIONS_ASKED},
    "redress.intake.v1.JudgeProposalRequest.verdict": "duplicate R1 R2 none",
    "redress.intake.v1.ListComplaintsRequest.channel": _CHANNELS,
    "redress.intake.v1.ListErasuresRequest.state": "requested refused done",
    "redress.intake.v1.ListComplaintsRequest.grade": _GRADES,
    "redress.intake.v1.RecordContactRequest.channel": _CHANNELS,
    "redress.intake.v1.RegisterCommand.channel": _CHANNELS,
    "redress.intake.v1.RegisterCommand.language": "zh en",
    "redress.intake.v1.RegisterCommand.remedy_wanted": _REMEDIES,
    "redress.intake.v1.RegradeRequest.grade": _GRADES,
    "redress.intake.v1.RegradeRequest.reason_code": "wrong_then new_information",
    "redress.workflow.v1.ListCasesRequest.grade": _GRADES,
    "redress.workflow.v1.Outcome.code": "resolved not_justified withdrawn no_trouble_found duplicate referred_outside",
    "redress.workflow.v1.Outcome.remedy": _REMEDIES,
    **{f"redress.intake.v1.RegisterCommand.{name}": _ANSWERS for name in QUESTIONS_ASKED},
    **{f"redress.intake.v1.UpdateComplaintRequest.{name}": _ANSWERS for name in QUESTIONS_ASKED},
    **channel_words.WORDS,
    **submission_words.WORDS,
    **grading_words.WORDS,
    **likeness_words.WORDS,
    **master_data_words.WORDS,
}

PATTERNS: Mapping[str, str] = {
    "currency": "^[A-Z]{3}$",
    "date": "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
    "period": "^[0-9]{4}-(0[1-9]|1[0-2])$",
    **master_data_words.PATTERNS,
}

# Field -> (least, most). An owner takes 0 for "as many as you like to give"; a client leaves it out instead.
BOUNDS: Mapping[str, tuple[int, int]] = {
    "redress.common.v1.Page.limit": (1, 200),
    "redress.admin.v1.ListDeadLettersRequest.limit": (1, 200),
    "redress.admin.v1.ListLedgerRequest.limit": (1, 10_000),
    "redress.capa.v1.FindSimilarRequest.limit": (1, 20),
    **likeness_words.BOUNDS,
    **master_data_words.BOUNDS,
}


def shape_of(field: FieldDescriptor) -> dict[str, Any]:
    """JSON Schema keywords for one value of the field; none where everything of its type may be right."""
    if words := WORDS.get(field.full_name):
        left_out = not (is_required(field) or field.has_presence or field.full_name in DEFAULTS)
        return {"enum": [*words.split(), *([""] if left_out else [])]}
    if is_id(field.name):
        return {"pattern": ID_PATTERN}
    return {"pattern": PATTERNS[field.name]} if field.name in PATTERNS else {}
