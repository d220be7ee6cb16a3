"""Conditions of a form's document: {"field", "operator", "constant"}, {"stage": […]}, {"role": […]}, and {"all": […]}
or {"any": […]} of them."""

from collections.abc import Mapping
from typing import Any

from chassis.document import Reader
from intake.domain.forms.conditions import Comparison, Condition, Several, comparisons
from intake.domain.forms.field_types import TYPES, YES_NO_UNKNOWN
from intake.domain.forms.form import Field, Form

DEEPEST, MOST_COMPARISONS = 3, 20
ROLES = ("public", "channel", "customer_service", "engineer", "quality", "manager", "admin")
_NOWHERE = Comparison("stage", "", "in", ())


def condition_of(reader: Reader, raw: Mapping[str, Any], name: str, place: str) -> Condition | None:
    if name not in raw:
        return None
    at = f"{place}.{name}"
    condition = _condition(reader, reader.mapping(raw[name], at), at, DEEPEST)
    if len(comparisons(condition)) > MOST_COMPARISONS:
        reader.fault(at, f"at most {MOST_COMPARISONS} comparisons")
    return condition


def _condition(reader: Reader, raw: Mapping[str, Any], place: str, left: int) -> Condition:
    for name in ("all", "any"):
        if name in raw:
            return _several(reader, raw, name, place, left)
    if "stage" in raw or "role" in raw:
        return _there(reader, raw, "stage" if "stage" in raw else "role", place)
    reader.only(raw, place, "field operator constant")
    operator = str(raw.get("operator", "is"))
    constant = raw.get("constant")
    constant = tuple(constant) if operator == "in" and isinstance(constant, list) else constant
    return Comparison("field", reader.key(raw, "field", place), operator, constant)


def _several(reader: Reader, raw: Mapping[str, Any], name: str, place: str, left: int) -> Condition:
    reader.only(raw, place, name)
    of = list(reader.listed(raw, name, place))
    if left == 0 or not 1 <= len(of) <= MOST_COMPARISONS:
        reader.fault(place, f"1 to {MOST_COMPARISONS} conditions, nested {DEEPEST} deep at most")
        return _NOWHERE
    return Several(name == "all", tuple(_condition(reader, one, at, left - 1) for one, at in of))


def _there(reader: Reader, raw: Mapping[str, Any], subject: Any, place: str) -> Condition:
    reader.only(raw, place, subject)
    named = reader.keys(raw, subject, place)
    if not named:
        reader.fault(f"{place}.{subject}", "must name at least one")
    if subject == "role" and not set(named) <= set(ROLES):
        reader.fault(f"{place}.role", f"must name some of {', '.join(ROLES)}")
    return Comparison(subject, "", "in", named)


def check_conditions(reader: Reader, form: Form) -> None:
    """Comparisons fit the fields that they are about, and no field waits for itself to be shown."""
    for field in form.fields:
        for name, condition in (("visible_when", field.visible_when), ("required_when", field.required_when)):
            for one in comparisons(condition):
                if one.subject == "field" and (fault := _fault(one, form.by_key.get(one.field))):
                    reader.fault(f"fields.{field.key}.{name}", fault)
    shown_in_order = order_of_showing(form.fields)
    for field in form.fields:
        if field not in shown_in_order:
            reader.fault(f"fields.{field.key}.visible_when", "waits for itself, perhaps by way of others")


def order_of_showing(fields: tuple[Field, ...]) -> list[Field]:
    """Each after those its visibility depends on; fields that wait for each other are left out."""
    known: set[str] = {field.key for field in fields}
    done: set[str] = set()
    ordered: list[Field] = []
    waiting = {f.key: ({c.field for c in comparisons(f.visible_when) if c.field} & known, f) for f in fields}
    while ready := [f for needs, f in waiting.values() if needs <= done]:
        ordered.extend(ready)
        done |= {field.key for field in ready}
        waiting = {key: entry for key, entry in waiting.items() if key not in done}
    return ordered


def _fault(one: Comparison, field: Field | None) -> str:
    if field is None:
        return f"there is no field {one.field}"
    operators = TYPES[field.type].operators
    if one.operator not in operators:
        return f"{field.key} can be compared by {', '.join(operators)}"
    return "" if one.operator in ("filled", "empty") else _constant_fault(one, field)


def _constant_fault(one: Comparison, field: Field) -> str:
    if field.type in ("number", "rating"):
        number = isinstance(one.constant, int | float) and not isinstance(one.constant, bool)
        return "" if number and abs(one.constant) <= 1e12 else "needs a number"
    if field.type == "consent":
        return "" if isinstance(one.constant, bool) else "needs true or false"
    words = YES_NO_UNKNOWN if field.type == "yes_no_unknown" else [option.value for option in field.options]
    given = one.constant if one.operator == "in" and isinstance(one.constant, tuple) else (one.constant,)
    known = given and all(isinstance(word, str) and word in words for word in given)
    return "" if known else f"needs one of {', '.join(words)[:500]}"
