"""Operators' routes: the AdminService that every service has, chosen by its name in the path."""

from gateway.app.principal import ADMIN
from gateway.routes.table import Forward

_ADMIN = "/v1/admin/{service}"
_AUDITORS = frozenset({"quality", "manager", "admin"})

ADMINISTRATION = [
    Forward("GET", f"{_ADMIN}/ledgers/{{ledger}}", "admin.ListLedger", "One page of a ledger", roles=ADMIN),
    Forward("GET", f"{_ADMIN}/dead-letters", "admin.ListDeadLetters", "Events that could not be handled", roles=ADMIN),
    Forward("GET", f"{_ADMIN}/dead-letters/{{id}}", "admin.GetDeadLetter", "One dead letter with body", roles=ADMIN),
    Forward("POST", f"{_ADMIN}/dead-letters/{{id}}/replay", "admin.ReplayDeadLetter", "Handle it again", roles=ADMIN),
    Forward("POST", f"{_ADMIN}/dead-letters/{{id}}/discard", "admin.DiscardDeadLetter", "Give it up", roles=ADMIN),
    Forward("POST", f"{_ADMIN}/audit/verify", "admin.VerifyAudit", "Recompute every hash chain", roles=ADMIN),
    Forward("GET", f"{_ADMIN}/audit/{{aggregate_id}}", "admin.ListAudit", "The audit trail of one thing", roles=ADMIN),
]

COMPLAINT_AUDIT = [
    Forward(
        "GET",
        "/v1/complaints/{complaint_id}/audit",
        "admin.ListAudit",
        "The audit trail of a complaint",
        roles=_AUDITORS,
        renamed={"complaint_id": "aggregate_id"},
        service="intake",
        operation="listComplaintAudit",
    )
]
