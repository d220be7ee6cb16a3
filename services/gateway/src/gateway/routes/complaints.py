from gateway.app.principal import CHANNEL, STAFF
from gateway.routes.table import Forward

COMPLAINTS = [
    Forward("PATCH", "/v1/complaints/{complaint_id}", "intake.UpdateComplaint", "Add or correct facts; may regrade"),
    Forward("POST", "/v1/complaints/{complaint_id}/regrade", "intake.Regrade", "Set the grade by hand, with a reason"),
    Forward(
        "POST", "/v1/proposals/{proposal_id}/verdict", "intake.JudgeProposal", "Judge a proposed repeat or duplicate"
    ),
    Forward(
        "POST",
        "/v1/complaints/{complaint_id}/contacts",
        "intake.RecordContact",
        "Record a further contact of the customer",
        status=201,
    ),
    Forward(
        "GET",
        "/v1/complaints/{complaint_id}/similar",
        "capa.FindSimilar",
        "Knowledge and open work that resembles this complaint",
        hidden=frozenset({"text", "product_family", "defect_code", "failure_location"}),
    ),
    Forward("GET", "/v1/complaints/{complaint_id}/fact", "analytics.GetFact", "The time stamps behind the KPIs"),
]

# Channels read what they sent in; the handler of this row checks whose it is.
ONE_COMPLAINT = Forward(
    "GET", "/v1/complaints/{complaint_id}", "intake.GetComplaint", "One complaint", roles=STAFF | CHANNEL
)

_MAPPING = "/v1/import-mappings/{mapping_name}"
_IMPORTERS = frozenset({"customer_service", "quality", "manager", "admin"})

IMPORTS = [
    Forward("GET", "/v1/imports", "intake.ListImports", "Imports, newest first, also those under way"),
    Forward(
        "POST",
        "/v1/imports/{import_id}/resume",
        "intake.ResumeImport",
        "Let a failed or stopped import of the background go on where it was left",
        roles=_IMPORTERS,
    ),
    Forward(
        "POST",
        "/v1/imports/{import_id}/stop",
        "intake.StopImport",
        "Stop an import; what was registered stays",
        roles=_IMPORTERS,
    ),
    Forward("GET", "/v1/import-mappings", "intake.ListImportMappings", "Mappings that are kept, by name"),
    Forward("GET", _MAPPING, "intake.GetImportMapping", "A mapping that is kept"),
    Forward(
        "PUT", _MAPPING, "intake.PutImportMapping", "Keep a mapping under a name", roles=_IMPORTERS, any_version=True
    ),
    Forward("DELETE", _MAPPING, "intake.RemoveImportMapping", "Forget a mapping", roles=_IMPORTERS),
    Forward("GET", "/v1/imports/{import_id}", "intake.GetImport", "The report of an import"),
    Forward("GET", "/v1/imports/{import_id}/rejects", "intake.ListImportRows", "Every row that could not be read"),
    Forward(
        "GET",
        "/v1/imports/{import_id}/changes",
        "intake.ListImportChanges",
        "What the file says anew about complaints that were there already",
    ),
]

GRADING = [Forward("GET", "/v1/grading-table", "intake.GetGradingTable", "The decision table that grades")]
