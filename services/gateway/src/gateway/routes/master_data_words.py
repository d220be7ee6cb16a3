"""What the proto's types do not say about master data: its words, what a call needs, and the shape of its texts."""

from collections.abc import Mapping

_FIELDS = "product_family product_model defect_code failure_location"
_MOVEMENTS = "shipped returned scrapped"
_SAMPLES = "asked sent received at_lab concluded withdrawn"
_RESULTS = "confirmed no_trouble_found other_defect misuse transport_damage not_ours not_testable"
_P = "redress.intake.v1."
_DAY = "^([0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01]))?$"
_MONTH = "^([0-9]{4}-(0[1-9]|1[0-2]))?$"
_DAYS = "launched_on discontinued_on produced_on shipped_on closed_on left_on valid_from valid_until"
_MONTHS = "month production_month production_month_from production_month_to production_from production_to as_of"

WORDS: Mapping[str, str] = {
    f"{_P}PutCodeAliasRequest.field": _FIELDS,
    f"{_P}ListCodeAliasesRequest.field": _FIELDS,
    f"{_P}ListUnknownCodesRequest.field": _FIELDS,
    f"{_P}ResolveUnknownCodeRequest.field": _FIELDS,
    f"{_P}PutCodeGroupRequest.field": "defect_code failure_location",
    f"{_P}ListCodeGroupsRequest.field": "defect_code failure_location",
    f"{_P}PutShipmentRequest.movement": _MOVEMENTS,
    f"{_P}PutCustomerAccountRequest.language": "zh en",
    f"{_P}PutAccountContactRequest.language": "zh en",
    f"{_P}ListSamplesRequest.state": _SAMPLES,
    f"{_P}ConcludeSampleRequest.result": _RESULTS,
    f"{_P}SampleTest.test": "standard_test load_test stress_test field_data_check system_test",
    f"{_P}SampleTest.outcome": "passed failed not_possible",
}
PATTERNS: Mapping[str, str] = {
    **dict.fromkeys(_DAYS.split(), _DAY),
    **dict.fromkeys(_MONTHS.split(), _MONTH),
}
BOUNDS: Mapping[str, tuple[int, int]] = {f"{_P}ListUnknownCodesRequest.limit": (1, 200)}
REQUIRED: Mapping[str, str] = {
    f"{_P}AskForSampleRequest": "",
    f"{_P}ConcludeSampleRequest": "result",
    f"{_P}DefectItem": "defect_code",
    f"{_P}GetScopeRequest": "",
    f"{_P}PutAccountContactRequest": "customer_ref contact",
    f"{_P}PutCodeAliasRequest": "field spelling code",
    f"{_P}PutCodeGroupRequest": "code_group field",
    f"{_P}PutCodeRequest": "code_group code",
    f"{_P}PutConsentRequest": "customer_ref purpose at given source",
    f"{_P}PutCustomerAccountRequest": "customer_ref",
    f"{_P}PutProductFamilyRequest": "product_family",
    f"{_P}PutProductLotRequest": "product_family lot",
    f"{_P}PutProductModelRequest": "product_family product_model",
    f"{_P}PutProductSerialRequest": "product_family serial",
    f"{_P}PutShipmentRequest": "month product_family quantity",
    f"{_P}ResolveUnknownCodeRequest": "field spelling code",
    f"{_P}SampleTest": "test outcome",
    f"{_P}WithdrawSampleRequest": "reason",
}
DESCRIPTIONS: Mapping[str, str] = {
    **dict.fromkeys(_DAYS.split(), "YYYY-MM-DD"),
    **dict.fromkeys(_MONTHS.split(), "YYYY-MM"),
    "label_zh": "As people read it in Chinese",
    "label_en": "As people read it in English",
    "catch_all": "Says none of the above, as `other` does: forms no signature",
    "customers": "Different customers by their number; a complaint without one counts for itself",
    "units_in_service": "Shipped less returned less scrapped",
    "complaints_per_million": "Complaints / units in service x 10^6; absent without units",
    "months_in_service": "Calendar months since shipment; 0 is the month of shipment",
    "unplaced_complaints": "Complaints about units whose production month nobody knows",
    "protocol": "Tests of the analysis. `no_trouble_found` needs standard_test, load_test, field_data_check passed",
    "defect_items": "Where one complaint tells several defects; the first is the flat pair and makes the signature",
    "fix_past": "Also corrects the complaints that have the spelling, one by one, with audit",
    f"{_P}ScopeFilter.defect_code": "Any defect of a complaint counts, not only its first",
    f"{_P}ScopeFilter.serial_from": "Compared as text; both ends count",
    f"{_P}Code.code": "Unique within its group",
    f"{_P}PutCodeRequest.code": "Unique within its group",
    f"{_P}CodeAlias.code": "What the spelling means",
    f"{_P}PutCodeAliasRequest.code": "What the spelling means",
    f"{_P}ResolveUnknownCodeRequest.code": "What the spelling means",
    f"{_P}CodeFix.code": "What the spelling means",
    f"{_P}ListCodesRequest.code": "Exactly this one",
    f"{_P}ListCodeAliasesRequest.code": "Spellings of exactly this one",
    f"{_P}Shipment.quantity": "Units",
    f"{_P}PutShipmentRequest.quantity": "Units",
    f"{_P}Counted.quantity": "Affected pieces",
    f"{_P}AskForSampleRequest.due": "By when it should have arrived; 14 days from now when absent",
}
