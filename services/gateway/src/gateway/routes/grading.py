"""Editing, back-testing and judging of the grading table."""

from gateway.app.principal import ADMIN
from gateway.routes.process_targets import fill_targets
from gateway.routes.table import Forward

_DRAFT = "/v1/grading/drafts/{draft_id}"
_TEST = "/v1/grading/back-tests/{back_test_id}"
_SAMPLE = "/v1/grading/samples/{grading_sample_id}"
_ITEM = "/v1/grading/items/{grading_item_id}"
_JUDGES = frozenset({"quality", "manager", "admin"})

TABLE_EDITOR = [
    Forward("GET", "/v1/grading/editor", "intake.GetGradingEditor", "What a table editor needs to know"),
    Forward("POST", "/v1/grading/validate", "intake.ValidateGradingTable", "Every fault of a table, by its cell"),
    Forward(
        "POST",
        "/v1/grading/simulate",
        "intake.SimulateGrading",
        "Grade a complaint, or made-up facts, by a published table; nothing is kept",
        hidden=frozenset({"draft_id"}),
    ),
    Forward(
        "POST",
        f"{_DRAFT}/simulate",
        "intake.SimulateGrading",
        "Grade a complaint, or made-up facts, by a draft; nothing is kept",
        hidden=frozenset({"version"}),
        operation="simulateGradingByDraft",
    ),
    Forward(
        "POST",
        "/v1/grading/drafts",
        "intake.CreateGradingDraft",
        "Begin a draft, as a copy of a published table",
        roles=_JUDGES,
        status=201,
        location="/v1/grading/drafts/{draft_id}",
    ),
    Forward("GET", "/v1/grading/drafts", "intake.ListGradingDrafts", "Drafts, newest first, without documents"),
    Forward("GET", _DRAFT, "intake.GetGradingDraft", "A draft, with the faults of its cells"),
    Forward("PUT", _DRAFT, "intake.SaveGradingDraft", "Save the whole draft, unfinished or not", roles=_JUDGES),
    Forward("GET", f"{_DRAFT}/changes", "intake.CompareGradingDraft", "What publishing would change, by row and cell"),
    Forward("POST", f"{_DRAFT}/publish", "intake.PublishGradingDraft", "Publish; new complaints go by it", roles=ADMIN),
    Forward("POST", f"{_DRAFT}/discard", "intake.DiscardGradingDraft", "Discard, with a reason", roles=_JUDGES),
]

BACK_TESTS = [
    Forward(
        "POST",
        f"{_DRAFT}/back-tests",
        "intake.StartBackTest",
        "Grade the complaints of the last months by the draft, in the background",
        roles=_JUDGES,
        status=201,
        location="/v1/grading/back-tests/{back_test_id}",
        hidden=frozenset({"targets_source"}),
        completed=fill_targets,
    ),
    Forward("GET", "/v1/grading/back-tests", "intake.ListBackTests", "Back-tests, newest first"),
    Forward("GET", _TEST, "intake.GetBackTest", "How far a back-test is, and what it found"),
    Forward("POST", f"{_TEST}/cancel", "intake.CancelBackTest", "Stop a back-test", roles=_JUDGES),
    Forward("GET", f"{_TEST}/changes", "intake.ListBackTestChanges", "Each complaint that would be graded otherwise"),
]

ACCURACY = [
    Forward(
        "GET",
        "/v1/grading/accuracy",
        "intake.GetGradingAccuracy",
        "Grading accuracy in all, per row and per person",
        roles=_JUDGES,
    ),
    Forward(
        "GET",
        "/v1/grading/accuracy/wrong",
        "intake.ListWrongGradings",
        "The complaints behind a figure of accuracy",
        roles=_JUDGES,
    ),
]

DOUBLE_GRADING = [
    Forward(
        "POST",
        "/v1/grading/samples",
        "intake.DrawGradingSample",
        "Draw complaints to be graded a second time",
        roles=_JUDGES,
        status=201,
        location="/v1/grading/samples/{grading_sample_id}",
    ),
    Forward("GET", "/v1/grading/samples", "intake.ListGradingSamples", "Samples, newest first"),
    Forward("GET", _SAMPLE, "intake.GetGradingSample", "A sample: how it was drawn, how far it is"),
    Forward(
        "POST", f"{_SAMPLE}/close", "intake.CloseGradingSample", "End a sample; the rest is left out", roles=_JUDGES
    ),
    Forward(
        "GET",
        f"{_SAMPLE}/agreement",
        "intake.GetGradingAgreement",
        "Cohen's kappa of a sample, with its interval and the confusion matrix",
        roles=_JUDGES,
        hidden=frozenset({"from", "to"}),
        operation="getGradingAgreementOfSample",
    ),
    Forward(
        "GET",
        "/v1/grading/agreement",
        "intake.GetGradingAgreement",
        "Cohen's kappa of all closed samples in a period",
        roles=_JUDGES,
        hidden=frozenset({"grading_sample_id"}),
    ),
    Forward("GET", f"{_SAMPLE}/gradings", "intake.ListDoubleGradings", "Both grades of each complaint", roles=_JUDGES),
    Forward("GET", "/v1/grading/items", "intake.ListGradingItems", "What you are to grade a second time"),
    Forward("GET", _ITEM, "intake.GetGradingItem", "A complaint without its first grade, number and customer"),
    Forward("POST", f"{_ITEM}/grade", "intake.GradeItem", "Grade it a second time, once"),
]
GRADING_WORK = [*TABLE_EDITOR, *BACK_TESTS, *ACCURACY, *DOUBLE_GRADING]
