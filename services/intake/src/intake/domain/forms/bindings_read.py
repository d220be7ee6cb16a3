"""What of a form goes into the complaint: without customer, product and description nothing could be registered."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

from chassis.document import Reader
from intake.domain.complaint import REMEDIES
from intake.domain.forms.binding import BINDS, CONSTANTS, NEEDED, facts_of
from intake.domain.forms.form import Field, Form


def values_of(reader: Reader, raw: Mapping[str, Any]) -> dict[str, str]:
    values = reader.mapping(raw.get("values", {}), "values")
    reader.only(values, "values", " ".join(CONSTANTS))
    found = {name: reader.text(values, name, "values") for name in CONSTANTS if name in values}
    for name, text in found.items():
        if len(text) > 100:
            reader.fault(f"values.{name}", "is longer than 100 characters")
    return found


def check_bindings(reader: Reader, form: Form) -> None:
    filled = Counter(fact for field in form.fields for fact in facts_of(field))
    for fact, times in filled.items():
        if times > 1:
            reader.fault("fields", f"{fact} is filled by {times} fields")
    for fact in NEEDED:
        if fact not in filled and fact not in form.values:
            reader.fault("fields", f"a field must fill {fact}, or values say it: no complaint is without")
    for field in form.fields:
        if field.binds and (fault := _fault(field)):
            reader.fault(f"fields.{field.key}.binds", fault)


def _fault(field: Field) -> str:
    if field.binds not in BINDS:
        return f"must be one of {', '.join(BINDS)}"
    if field.type not in BINDS[field.binds]:
        return f"is filled by {' or '.join(sorted(BINDS[field.binds]))}"
    if field.binds == "quantity" and not (field.limits.get("whole") and field.limits.get("minimum", 0) >= 1):
        return "is a whole number of at least 1: say whole and minimum"
    if field.binds == "remedy_wanted" and not {option.value for option in field.options} <= set(REMEDIES):
        return f"has the options {', '.join(REMEDIES)}"
    return ""
