"""Master data, what is unknown to it, the scope of a product, returned samples."""

from gateway.app.principal import ADMIN, STAFF
from gateway.routes.table import Forward

# As intake decides; said here so that the document tells it and the rest ends at the door.
_KEEPING = ADMIN | {"quality", "manager"}
_OF_CUSTOMERS = frozenset({"customer-accounts", "account-contacts", "consents"})
_PERSONAL = frozenset({"customer-accounts", "account-contacts"})

REGISTERS = (
    ("product-families", "ProductFamily", "ProductFamilies", "a product family"),
    ("product-models", "ProductModel", "ProductModels", "a model of a family"),
    ("product-lots", "ProductLot", "ProductLots", "a production lot"),
    ("product-serials", "ProductSerial", "ProductSerials", "a unit by its serial number"),
    ("aliases", "CodeAlias", "CodeAliases", "another spelling of a code"),
    ("shipments", "Shipment", "Shipments", "units shipped, returned or scrapped in a month"),
    ("code-groups", "CodeGroup", "CodeGroups", "a catalogue of codes"),
    ("codes", "Code", "Codes", "a code of a catalogue"),
    ("customer-accounts", "CustomerAccount", "CustomerAccounts", "a customer by its number"),
    ("account-contacts", "AccountContact", "AccountContacts", "a person at a customer"),
    ("consents", "Consent", "Consents", "a consent given or withdrawn"),
)
NAMES = tuple(name for name, *_ in REGISTERS)
_UNKNOWN = "/v1/master-data/unknown-codes"
_SAMPLE = "/v1/samples/{sample_id}"


def _of_register(name: str, one: str, many: str, what: str) -> list[Forward]:
    path = f"/v1/master-data/{name}"
    keeping = _KEEPING | {"customer_service"} if name in _OF_CUSTOMERS else _KEEPING
    kept = f"Keep {what}: made, or changed where its key is known"
    listed = f"The register {name}, in the order of its keys"
    return [
        Forward("POST", path, f"intake.Put{one}", kept, roles=keeping, any_version=True),
        Forward("GET", path, f"intake.List{many}", listed, roles=keeping if name in _PERSONAL else STAFF),
    ]


MASTER_DATA = [
    *(row for register in REGISTERS for row in _of_register(*register)),
    Forward(
        "GET", _UNKNOWN, "intake.ListUnknownCodes", "What complaints say and no register knows, most frequent first"
    ),
    Forward(
        "POST", f"{_UNKNOWN}/resolve", "intake.ResolveUnknownCode", "Say once what a spelling means", roles=_KEEPING
    ),
    Forward(
        "GET", "/v1/master-data/code-fixes", "intake.ListCodeFixes", "Corrections of past complaints, newest first"
    ),
    Forward("GET", "/v1/exposures", "intake.ListExposures", "Shipments changed since a time, for figures per unit"),
]

SCOPE = [
    Forward("GET", "/v1/scope", "intake.GetScope", "All that is known of a lot, model, family or range, on one call"),
    Forward("GET", "/v1/scope/complaints", "intake.ListScopeComplaints", "Its complaints, newest first"),
    Forward(
        "GET",
        "/v1/units-in-service",
        "intake.GetUnitsInService",
        "Complaints by production month and months in service",
    ),
]

SAMPLES = [
    Forward(
        "POST",
        "/v1/complaints/{complaint_id}/samples",
        "intake.AskForSample",
        "Ask the customer for a sample",
        status=201,
        location="/v1/samples/{sample_id}",
    ),
    Forward("GET", "/v1/samples", "intake.ListSamples", "Returned samples, those due first"),
    Forward("GET", _SAMPLE, "intake.GetSample", "One sample: where it lies, since when, and what was found"),
    Forward("POST", f"{_SAMPLE}/send", "intake.SendSample", "It is on its way"),
    Forward("POST", f"{_SAMPLE}/receive", "intake.ReceiveSample", "It has arrived, or came back from the lab"),
    Forward("POST", f"{_SAMPLE}/lab", "intake.TakeSampleToLab", "It lies at the laboratory"),
    Forward("POST", f"{_SAMPLE}/conclude", "intake.ConcludeSample", "What was found, with the protocol of the tests"),
    Forward("POST", f"{_SAMPLE}/withdraw", "intake.WithdrawSample", "It will not come, or is of no use any more"),
]
