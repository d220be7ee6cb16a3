from gateway.routes.table import Forward

_RCA = "/v1/rcas/{rca_id}"
_CAPA = "/v1/capas/{capa_id}"
_ACTION = f"{_CAPA}/actions/{{action_id}}"

RCAS = [
    Forward("POST", "/v1/rcas", "capa.OpenRca", "Open a root cause analysis", status=201, location="/v1/rcas/{rca_id}"),
    Forward("GET", "/v1/rcas", "capa.ListRcas", "Root cause analyses, newest first"),
    Forward("GET", _RCA, "capa.GetRca", "One analysis with its 5-Why trees and fishbone"),
    Forward("POST", f"{_RCA}/whys", "capa.AddWhy", "Ask a further why", status=201),
    Forward("POST", f"{_RCA}/whys/{{why_id}}/verify", "capa.VerifyWhy", "Confirm or refute an answer"),
    Forward("POST", f"{_RCA}/whys/{{why_id}}/root", "capa.MarkRoot", "Mark a root cause"),
    Forward("POST", f"{_RCA}/causes", "capa.AddCause", "Put a cause on the fishbone", status=201),
    Forward("POST", f"{_RCA}/causes/{{cause_id}}/judge", "capa.JudgeCause", "Verify or exclude a cause"),
    Forward("POST", f"{_RCA}/complete", "capa.CompleteRca", "Complete, with the responsible department"),
    Forward("POST", f"{_RCA}/withdraw", "capa.WithdrawRca", "Withdraw an analysis that no longer stands"),
    Forward("POST", f"{_RCA}/links", "capa.LinkRca", "Link cases to an analysis", renamed={"rca_id": "id"}),
]

CAPAS = [
    Forward("POST", "/v1/capas", "capa.OpenCapa", "Open a CAPA", status=201, location="/v1/capas/{capa_id}"),
    Forward("GET", "/v1/capas", "capa.ListCapas", "CAPAs, newest first"),
    Forward("GET", _CAPA, "capa.GetCapa", "One CAPA with its actions and checks"),
    Forward("POST", f"{_CAPA}/actions", "capa.AddAction", "Plan an action", status=201),
    Forward("PUT", f"{_CAPA}/effectiveness-plan", "capa.SetEffectivenessPlan", "Fix how the effect will be judged"),
    Forward("POST", f"{_CAPA}/submit", "capa.SubmitPlan", "Submit the plan for approval"),
    Forward("POST", f"{_CAPA}/approve", "capa.ApprovePlan", "Approve the plan; not by its author"),
    Forward("POST", f"{_CAPA}/reject", "capa.RejectPlan", "Reject the plan, with a reason"),
    Forward("POST", f"{_CAPA}/cancel", "capa.CancelCapa", "Cancel, with a reason"),
    Forward("POST", f"{_CAPA}/reopen", "capa.ReopenCapa", "Back to investigation, with a reason"),
    Forward("POST", f"{_CAPA}/close", "capa.CloseCapa", "Close; needs a verdict on the effect"),
    Forward("POST", f"{_ACTION}/complete", "capa.CompleteAction", "Action done, with evidence", any_version=True),
    Forward("POST", f"{_ACTION}/cancel", "capa.CancelAction", "Drop a planned action, with a reason"),
    Forward("POST", f"{_ACTION}/extend", "capa.ExtendAction", "Move an action's due date, with a reason"),
    Forward("POST", f"{_CAPA}/effectiveness-checks", "capa.ConcludeEffectiveness", "Record what was observed"),
    Forward("POST", f"{_CAPA}/links", "capa.LinkCapa", "Link cases to a CAPA", renamed={"capa_id": "id"}),
]

COSTS = [
    Forward("POST", "/v1/costs", "capa.PostCost", "Post a quality cost line", status=201),
    Forward("GET", "/v1/costs", "capa.ListCosts", "Quality cost lines"),
]

KNOWLEDGE = [
    Forward(
        "POST",
        "/v1/knowledge",
        "capa.PublishKnowledge",
        "Turn a finished case into knowledge",
        status=201,
        location="/v1/knowledge/{knowledge_id}",
    ),
    Forward("GET", "/v1/knowledge", "capa.ListKnowledge", "Knowledge cases, newest first"),
    Forward("GET", "/v1/knowledge/{knowledge_id}", "capa.GetKnowledge", "One knowledge case"),
    Forward("POST", "/v1/knowledge/{knowledge_id}/use", "capa.UseKnowledge", "It helped this case"),
    Forward(
        "GET",
        "/v1/similar",
        "capa.FindSimilar",
        "Knowledge and open work that resembles a text",
        hidden=frozenset({"complaint_id"}),
        operation="findSimilarToText",
    ),
]
