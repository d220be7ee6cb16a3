"""What the proto's types do not say about a field: its words, its unit, whether it may be left out."""

from collections.abc import Mapping
from typing import Any

from google.protobuf.descriptor import FieldDescriptor

from gateway.routes import channel_words, grading_words, likeness_words, master_data_words, submission_words

_GRADE = "urgent | important | routine"
_ANSWER = "yes | no | unknown"
_RATING = "1 very dissatisfied … 5 very satisfied"
_SIX_M = "man | machine | material | method | environment | measurement"

_WORDS: Mapping[str, str] = {
    "channel": "api | web | phone | mail | file | paper | social | chat | sms | authority",
    "identity_protected": "Who complains is shown to nobody who does not say why they must know",
    "person_id": "Whose it is: for access, erasure and holds (docs/privacy.md)",
    "erased_at": "When the person behind it was erased; name and description say [erased]",
    "hold_reason": "Why nothing of the person may be erased; empty where nothing holds them",
    "related": "Persons whose complaints share an e-mail, telephone or customer number with theirs",
    "over_since": "When the last of their complaints passed its retention period",
    "origin": "request | retention | replay",
    "person_ids": "Of those who were erased since the backup was taken",
    "channel_id": "A channel of the registry (GET /v1/channels) by its name",
    "taken_by": "Who took the call or opened the letter",
    "answer_due": "When the public body wants its answer; by the channel's option answer_days when absent",
    "language": "zh | en",
    "external_id": "The channel's own id, unique per channel: the same complaint sent again is answered, not doubled",
    "customer_ref": "The company's own customer number",
    "quantity": "Affected pieces; 1 when absent",
    "defect_code": "From the defect catalogue; `other` forms no signature",
    "remedy_wanted": "repair | replacement | refund | price_cut | apology | compensation | information | other",
    "t_occurred": "When it happened to the customer",
    "t_aware": "When the first person in the organisation knew; t_received when absent",
    "t_received": "When it reached any channel; now when absent",
    "injury_or_fire": f"{_ANSWER}; unknown is never graded routine",
    "legal": _ANSWER,
    "main_function_lost": _ANSWER,
    "several_affected": f"A batch or several customers: {_ANSWER}",
    "core_business_stopped": _ANSWER,
    "key_account": _ANSWER,
    "media": _ANSWER,
    "grade": _GRADE,
    "reason_code": "Regrade: wrong_then | new_information. "
    "Pause: waiting_for_customer | waiting_for_parts | waiting_for_supplier",
    "verdict": "duplicate | R1 | R2 | none",
    "leg": "occurrence | escape | systemic",
    "category": f"{_SIX_M}; of a cost line: prevention | appraisal | internal_failure | external_failure",
    "verify": "unverified | confirmed | refuted",
    "status": "suspected | verified | excluded",
    "place": "own_stock | transit | customer | supplier | none_needed",
    "risk_class": "critical | major | minor",
    "type": "containment | correction | corrective | preventive | improvement",
    "amount_minor": "In minor units of the currency, e.g. fen or cents",
    "currency": "ISO 4217",
    "period": "YYYY-MM, for postings that no single case caused",
    "limit": "1..200; 50 when absent",
    "cursor": "next_cursor of the page before",
    "deliverables": 'Typed deliverables handed in with the task, e.g. {"reproduction": "reproduced"}',
    "due_at": "The original due date; it never moves",
    "due_current_at": "After pauses, regrades and extensions",
    "possible": "What can be done now",
    "version": "As in the ETag; send it back in If-Match",
    "code": "resolved | not_justified | withdrawn | no_trouble_found | duplicate | referred_outside",
    "remedy": "repair | replacement | refund | price_cut | apology | information | compensation | other",
    "window_days": "Days after implementation in which the effect is observed",
    "scan": "clean | not_scanned | the scanner's name of what it found",
    "sha256": "Of the bytes at receipt",
    "from": "Concluding event at or after",
    "to": "Concluding event before",
    "keys": "Which KPIs, repeated or separated by commas; all when absent",
    "panel": "The KPIs of a panel, e.g. iso_10002; beside those of keys",
    "baseline_from": "What a change compares with: at or after; by the KPI's definition when absent",
    "baseline_to": "What a change compares with: before; the start of the period when absent. It may not overlap it",
    "significant": "Of a change: its interval leaves out 0",
    "ci_low": "95 % interval: Wilson's of a ratio, Newcombe's of a change",
    "process_rating": f"Satisfaction with the handling: {_RATING}",
    "result_rating": f"Satisfaction with the result: {_RATING}",
    "closing": "Which closing of the case: 1 for the first",
    "document": "By its kind (docs/definitions.md), without kind, name and version",
    "digest": "SHA-256 of the document, whatever the order of its keys",
    "next_version": "What publishing would make; the same as version when nothing changes",
    "severity": "info | warning",
    "form": "Name of a published form; its answers are checked by it and fill the facts that it binds",
    "form_version": "As it was shown to whoever filled it in; the newest when absent",
    "form_data": "Answers by the keys of the form's fields (docs/forms.md)",
    "completeness": "0..100: weight of what is answered of what the form asks; placeholders do not count",
    "missing_answers": "What the form asks and nobody answered, with the reason: empty | placeholder | unknown",
    "samples": 'Answers to try, by a name of your own: {"shortest": {…}}',
    "layout": "UI schema in the manner of JSON Forms",
    "json_schema": "JSON Schema 2020-12 of the answers, for the stage and the roles of the caller",
    "stage": "Of the process, e.g. intake | diagnosis; fields may be asked in some stages only",
    "words": "All of these, in the description or a coded field, in any form: `leaking` finds leak. Chinese as it"
    " stands",
    "late": "Registered more than 24 hours after it was received",
    "columns": "Fields of a complaint, in this order. In an export customer_name, customer_email and customer_phone"
    " come on request only, for customer service and quality",
    "shared": "Everybody on the staff may run it; only its owner changes it",
    "historical": "A record of the past: no receipt, no running clock, its own dates",
    **channel_words.DESCRIPTIONS,
    **submission_words.DESCRIPTIONS,
    **grading_words.DESCRIPTIONS,
    **likeness_words.DESCRIPTIONS,
    **master_data_words.DESCRIPTIONS,
}

# Text in the proto, an object in public.
JSON_TEXT = frozenset(
    {
        "redress.workflow.v1.CompleteTask.deliverables",
        "redress.definitions.v1.PlanDefinitionRequest.document",
        "redress.definitions.v1.PublishDefinitionRequest.document",
        "redress.definitions.v1.Definition.document",
        "redress.workflow.v1.TimelineEntry.data",
        "redress.intake.v1.PutImportMappingRequest.document",
        "redress.intake.v1.ImportMapping.document",
        "redress.intake.v1.GradingTable.document",
        "redress.intake.v1.RegisterCommand.form_data",
        "redress.intake.v1.FormPalette.palette",
        *(f"redress.intake.v1.Form.{name}" for name in ("document", "json_schema", "layout", "example")),
        *(f"redress.intake.v1.ComplaintForm.{name}" for name in ("form_data", "document", "json_schema", "layout")),
        *(f"redress.intake.v1.{name}.document" for name in ("FormDraft", "SaveFormDraftRequest")),
        *(f"redress.intake.v1.{name}.form_data" for name in ("CheckFormRequest", "AmendComplaintFormRequest")),
        *(f"redress.intake.v1.{name}.label" for name in ("FormSummary", "MissingAnswer")),
        "redress.intake.v1.SimulateFormRequest.samples",
        *channel_words.JSON_TEXT,
        "redress.intake.v1.Grading.inputs",
        *grading_words.JSON_TEXT,
        "redress.intake.v1.PersonExport.document",
        "redress.admin.v1.AuditEntry.changes",
    }
)

# Says who did it or when it was done: never read from a client.
NEVER_FROM_CLIENTS = frozenset(
    {
        "redress.workflow.v1.Outcome.by",
        "redress.workflow.v1.CompleteTask.token",
        "redress.workflow.v1.CompleteTask.idempotency_key",
        "redress.capa.v1.EffectivenessPlan.set_by",
        "redress.capa.v1.EffectivenessPlan.set_at",
        "redress.intake.v1.RegisterCommand.historical",
        "redress.intake.v1.RegisterCommand.safety_not_asked",
    }
)

# Without these a call means nothing. What the proto gains later is never required by surprise.
REQUIRED: Mapping[str, frozenset[str]] = {
    message: frozenset(names.split())
    for message, names in {
        "redress.admin.v1.DiscardDeadLetterRequest": "reason",
        "redress.capa.v1.AddActionRequest": "type text owner department",
        "redress.capa.v1.AddCauseRequest": "category text",
        "redress.capa.v1.AddWhyRequest": "leg question answer",
        "redress.capa.v1.CancelActionRequest": "reason",
        "redress.capa.v1.CompleteRcaRequest": "responsible_department",
        "redress.capa.v1.ConcludeEffectivenessRequest": "observed exposure",
        "redress.capa.v1.EffectivenessPlan": "metric method baseline target window_days minimum_exposure checker",
        "redress.capa.v1.ExtendActionRequest": "due reason",
        "redress.capa.v1.JudgeCauseRequest": "status",
        "redress.capa.v1.LinkRequest": "case_ids",
        "redress.capa.v1.MarkRootRequest": "is_root",
        "redress.capa.v1.OpenCapaRequest": "title problem risk_class",
        "redress.capa.v1.OpenRcaRequest": "title problem",
        "redress.capa.v1.PostCostRequest": "date category amount_minor currency",
        "redress.capa.v1.PublishKnowledgeRequest": "title problem root_cause solution",
        "redress.capa.v1.RecordContainmentRequest": "text",
        "redress.capa.v1.SetEffectivenessPlanRequest": "plan",
        "redress.capa.v1.UseKnowledgeRequest": "case_id",
        "redress.capa.v1.VerifyWhyRequest": "verify",
        "redress.capa.v1.WithdrawRcaRequest": "reason",
        "redress.definitions.v1.PlanDefinitionRequest": "document",
        "redress.definitions.v1.PublishDefinitionRequest": "document",
        "redress.intake.v1.PutImportMappingRequest": "label document",
        "redress.intake.v1.RemoveAttachmentRequest": "reason",
        "redress.intake.v1.AmendComplaintFormRequest": "form_data",
        "redress.intake.v1.CheckFormRequest": "form_data",
        "redress.intake.v1.CreateSavedViewRequest": "name",
        "redress.intake.v1.ExportPersonRequest": "reason",
        "redress.intake.v1.HoldPersonRequest": "reason",
        "redress.intake.v1.ReleasePersonRequest": "reason",
        "redress.intake.v1.ProtectIdentityRequest": "identity_protected reason",
        "redress.intake.v1.ReplayErasuresRequest": "person_ids",
        "redress.intake.v1.RequestErasureRequest": "reason",
        "redress.intake.v1.RevealIdentityRequest": "reason",
        "redress.intake.v1.JudgeProposalRequest": "verdict",
        "redress.intake.v1.RetireFormRequest": "reason",
        "redress.intake.v1.SaveFormDraftRequest": "document",
        "redress.intake.v1.RecordContactRequest": "channel",
        "redress.intake.v1.RegisterCommand": "language customer_name product_family description",
        "redress.intake.v1.RegradeRequest": "grade reason_code reason",
        "redress.intake.v1.RejectSubmissionRequest": "reason",
        "redress.workflow.v1.CloseCaseRequest": "outcome",
        "redress.workflow.v1.CommentRequest": "text",
        "redress.workflow.v1.Outcome": "code",
        "redress.workflow.v1.PauseRequest": "reason_code",
        "redress.workflow.v1.PutMemberRequest": "department",
        "redress.workflow.v1.ReassignTaskRequest": "assignee reason",
        "redress.workflow.v1.RecordResponseRequest": "channel text",
        "redress.workflow.v1.ReopenCaseRequest": "reason",
        "redress.workflow.v1.ReturnStageRequest": "to_stage reason",
        "redress.workflow.v1.SkipInvestigationRequest": "reason",
        "redress.workflow.v1.WaiveDeliverableRequest": "kind reason",
        **channel_words.REQUIRED,
        **submission_words.REQUIRED,
        **grading_words.REQUIRED,
        **likeness_words.REQUIRED,
        **master_data_words.REQUIRED,
    }.items()
}

QUESTIONS_ASKED = (
    "injury_or_fire",
    "legal",
    "main_function_lost",
    "several_affected",
    "core_business_stopped",
    "key_account",
    "media",
)
# What a text is when it is left out; else it is empty.
DEFAULTS: Mapping[str, str] = {
    "redress.intake.v1.RegisterCommand.channel": "api",
    **{f"redress.intake.v1.RegisterCommand.{name}": "unknown" for name in QUESTIONS_ASKED},
}

# A text that is mostly seen so; shown in the document.
EXAMPLES: Mapping[str, Any] = {
    "channel": "phone",
    "language": "zh",
    "external_id": "CRM-20260311-0042",
    "customer_name": "王芳",
    "product_family": "A6",
    "product_model": "A6 45 TFSI",
    "description": "高速行驶时仪表黑屏,重启后恢复",
    "defect_code": "display_failure",
    "failure_location": "instrument_cluster",
    "injury_or_fire": "no",
    "t_occurred": "2026-03-10T18:20:00+08:00",
    "grade": "important",
    "reason": "Customer confirmed a second vehicle of the same lot",
    "category": "method",
    "leg": "occurrence",
    "currency": "CNY",
    "amount_minor": 128000,
    "deliverables": {"reproduction": "reproduced"},
    "due": "2026-04-01T18:00:00+08:00",
}


def description_of(field: FieldDescriptor) -> str | None:
    return _WORDS.get(field.full_name) or _WORDS.get(field.name)


def examples_of(field: FieldDescriptor) -> list[Any] | None:
    return [EXAMPLES[field.name]] if field.name in EXAMPLES else None


def is_required(field: FieldDescriptor) -> bool:
    owner = field.containing_type
    return owner is not None and field.name in REQUIRED.get(owner.full_name, ())
