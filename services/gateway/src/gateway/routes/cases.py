from gateway.routes.table import Forward

_CASE = "/v1/cases/{case_id}"

CASES = [
    Forward("GET", "/v1/cases", "workflow.ListCases", "Where every case is, with whom, since when"),
    Forward("GET", _CASE, "workflow.GetCase", "One case with its stage, tasks, deliverables and what is possible"),
    Forward("GET", f"{_CASE}/timeline", "workflow.GetTimeline", "All that happened, oldest first"),
    Forward("GET", f"{_CASE}/deadline", "workflow.ExplainDeadline", "Why the deadline is what it is"),
    Forward("POST", f"{_CASE}/advance", "workflow.AdvanceStage", "Pass the stage; 409 names what is missing"),
    Forward("POST", f"{_CASE}/return", "workflow.ReturnStage", "Send back to an earlier stage, with a reason"),
    Forward("POST", f"{_CASE}/pause", "workflow.Pause", "Stop the working clock, with a named reason"),
    Forward("POST", f"{_CASE}/resume", "workflow.Resume", "Let the working clock run again"),
    Forward("POST", f"{_CASE}/skip-investigation", "workflow.SkipInvestigation", "Fast path to closure, with a reason"),
    Forward("POST", f"{_CASE}/close", "workflow.CloseCase", "Close with the customer's coded outcome"),
    Forward("POST", f"{_CASE}/reopen", "workflow.ReopenCase", "Open again; the first close is kept"),
    Forward("POST", f"{_CASE}/waive", "workflow.WaiveDeliverable", "Do without a deliverable, with a reason"),
    Forward("POST", f"{_CASE}/comments", "workflow.Comment", "Comment on a case", status=201),
    Forward(
        "POST", f"{_CASE}/responses", "workflow.RecordResponse", "Record a human answer to the customer", status=201
    ),
    Forward("GET", f"{_CASE}/containment", "capa.ListContainments", "How customers were protected, oldest first"),
    Forward(
        "POST", f"{_CASE}/containment", "capa.RecordContainment", "Record how customers were protected", status=201
    ),
]

TASKS = [
    Forward("GET", "/v1/tasks", "workflow.ListTasks", "Tasks; `assignee=me` for your own"),
    Forward("GET", "/v1/tasks/{task_id}", "workflow.GetTask", "One task"),
    Forward("POST", "/v1/tasks/{task_id}/start", "workflow.StartTask", "Begin to work on a task"),
    Forward("POST", "/v1/tasks/{task_id}/reassign", "workflow.ReassignTask", "Give a task to someone else"),
]

MEMBERS = [
    Forward("GET", "/v1/members", "workflow.ListMembers", "Who belongs to which department, with their load"),
    Forward("PUT", "/v1/members/{person_id}", "workflow.PutMember", "Say where a person belongs"),
]
