"""What the proto's types do not say about grading work: its words, what a call needs, what is an object in public."""

from collections.abc import Mapping

_P = "redress.intake.v1."
_GRADES = "urgent important routine"

WORDS: Mapping[str, str] = {
    f"{_P}DrawGradingSampleRequest.allocation": "proportional equal",
    f"{_P}GradeItemRequest.grade": _GRADES,
    f"{_P}GradeTarget.clock": "calendar working",
    f"{_P}GradeTarget.grade": _GRADES,
    f"{_P}ListBackTestChangesRequest.after": _GRADES,
    f"{_P}ListBackTestChangesRequest.before": _GRADES,
    f"{_P}ListGradingDraftsRequest.state": "open published discarded",
    f"{_P}ListGradingSamplesRequest.state": "open closed",
}
REQUIRED: Mapping[str, str] = {
    f"{_P}CreateGradingDraftRequest": "title",
    f"{_P}DiscardGradingDraftRequest": "reason",
    f"{_P}DrawGradingSampleRequest": "title",
    f"{_P}GradeItemRequest": "grade reason",
    f"{_P}GradeTarget": "grade response_hours case_hours clock",
    f"{_P}PublishGradingDraftRequest": "reason",
    f"{_P}SaveGradingDraftRequest": "document",
    f"{_P}ValidateGradingTableRequest": "document",
}
JSON_TEXT = frozenset(
    {
        f"{_P}GradingDraft.document",
        f"{_P}CreateGradingDraftRequest.document",
        f"{_P}SaveGradingDraftRequest.document",
        f"{_P}ValidateGradingTableRequest.document",
        f"{_P}SimulateGradingRequest.facts",
        f"{_P}GradingSimulation.inputs",
        f"{_P}GradingItem.answers",
        f"{_P}GradeItemRequest.answers",
        f"{_P}DoubleGrading.answers",
    }
)
_SINCE, _UNTIL = "Complaints registered at or after", "Complaints registered before; now when absent"
DESCRIPTIONS: Mapping[str, str] = {
    f"{_P}GradingEditor.columns": "Every column that a table may have",
    f"{_P}GradingColumn.words": "What a cell of the column may hold; none for a number",
    f"{_P}GradingColumn.type": "word | number",
    f"{_P}GradingColumn.source": "answered | computed",
    f"{_P}GradingParameter.type": "whole | number | texts",
    f"{_P}GradingFault.place": "Where it is, e.g. rows.2-lot.same_lot",
    f"{_P}GradingFault.row": "Id of the row, or its number where it has none; empty outside of rows",
    f"{_P}SimulateGradingRequest.version": "Of the published table; the newest when absent",
    f"{_P}SimulateGradingRequest.complaint_id": "Id or number: on what is stored of it",
    f"{_P}SimulateGradingRequest.facts": 'Answers and circumstances over it, e.g. {"media": "yes", "same_lot": 3}',
    f"{_P}SimulatedRow.outcome": "fired | not_met | not_reached",
    f"{_P}GradingDraft.based_on": "Version of the table that it was taken from",
    f"{_P}GradingDraft.behind": "Another version was published since: compare, then save with the new based_on",
    f"{_P}GradingDraft.publishable": "Nothing is wrong with it",
    f"{_P}CreateGradingDraftRequest.based_on": "A copy of that version; of the newest when absent",
    f"{_P}CreateGradingDraftRequest.document": "Instead of a copy",
    f"{_P}SaveGradingDraftRequest.based_on": "After looking at what was published since",
    f"{_P}StartBackTestRequest.months": "1..36; 6 when absent",
    f"{_P}StartBackTestRequest.targets": "Hours that each grade promises; of the process that opens cases when absent",
    f"{_P}GradeTarget.response_hours": "To the first human answer, in the grade's clock",
    f"{_P}GradeTarget.case_hours": "To closure, in the grade's clock",
    f"{_P}GradeTarget.clock": "calendar: around the clock | working",
    f"{_P}BackTest.from": _SINCE,
    f"{_P}BackTest.to": "Complaints registered before",
    f"{_P}BackTest.recomputed": "Circumstances looked up anew, because the draft's parameters differ",
    f"{_P}BackTest.not_recomputed": "Changed parameters that the test leaves out",
    f"{_P}GetGradingAccuracyRequest.from": f"{_SINCE}; 90 days before `to` when absent",
    f"{_P}GetGradingAccuracyRequest.to": _UNTIL,
    f"{_P}ListWrongGradingsRequest.from": f"{_SINCE}; 90 days before `to` when absent",
    f"{_P}ListWrongGradingsRequest.to": _UNTIL,
    f"{_P}ListWrongGradingsRequest.row": "<table version>/<row>, e.g. 3/2-lot",
    f"{_P}AccuracyFigure.ci_low": "95 % interval: Wilson's",
    f"{_P}DrawGradingSampleRequest.from": f"{_SINCE}; 30 days before `to` when absent",
    f"{_P}DrawGradingSampleRequest.to": _UNTIL,
    f"{_P}DrawGradingSampleRequest.size": "1..2000; give this or the share",
    f"{_P}DrawGradingSampleRequest.share": "Of the complaints of the period, above 0, up to 1",
    f"{_P}DrawGradingSampleRequest.allocation": "Over the grades: proportional (also when empty) | equal",
    f"{_P}DrawGradingSampleRequest.seed": "The same seed, period and size draw the same; made up when empty",
    f"{_P}DrawGradingSampleRequest.graders": "person_ids; anybody who has not graded it before when none is named",
    f"{_P}DrawGradingSampleRequest.hide_answers": "Second graders do not see the answers to the grading questions",
    f"{_P}GradeItemRequest.answers": "As the second grader reads the complaint; may be left out",
    f"{_P}GetGradingAgreementRequest.from": "Second gradings at or after; a year before `to` when absent",
    f"{_P}GetGradingAgreementRequest.to": "Second gradings before; now when absent",
    f"{_P}Kappa.ci_low": "95 % interval (Fleiss, Cohen, Everitt 1969)",
}
