"""What was reported before: found by its text, linked or merged by people."""

from gateway.routes.table import Forward

_COMPLAINT = "/v1/complaints/{complaint_id}"

LIKENESS = [
    Forward("POST", "/v1/complaints/alike", "intake.FindAlike", "Has this been reported? Before it is registered"),
    Forward("GET", f"{_COMPLAINT}/alike", "intake.ListAlike", "Complaints that resemble this one"),
    Forward("POST", f"{_COMPLAINT}/links", "intake.LinkComplaints", "Link as a repeat of another one, with a reason"),
    Forward(
        "POST",
        f"{_COMPLAINT}/links/{{other_complaint_id}}/remove",
        "intake.UnlinkComplaints",
        "Take a link back, with a reason",
    ),
    Forward("POST", f"{_COMPLAINT}/merge", "intake.MergeComplaint", "Merge into another one: the same occurrence"),
    Forward("GET", f"{_COMPLAINT}/merged", "intake.ListMerged", "What was merged into it, with every reporter"),
    Forward(
        "GET", "/v1/figures/proposals", "intake.GetProposalFigures", "How often people agreed with proposed repeats"
    ),
]
