"""The JSON Schema (2020-12) of a form's answers, for one stage and the roles of whoever fills it in."""

from collections.abc import Callable, Mapping
from typing import Any

from intake.domain.forms.conditions import Situation, comparisons, holds, schema_of
from intake.domain.forms.field_types import DECIDING, PARTS, YES_NO_UNKNOWN
from intake.domain.forms.form import Field, Form

DIALECT = "https://json-schema.org/draft/2020-12/schema"
_LONGEST_ID, _LONGEST_NAME = 100, 255
_TIME_OF_DAY = "^([01][0-9]|2[0-3]):[0-5][0-9]$"


def schema(form: Form, at: Situation) -> dict[str, Any]:
    """Refuses unknown answers, and answers to what is not asked there. Holds no reference to anything."""
    shown = [field for field in form.fields if not _never(field, at)]
    rules = [rule for field in shown for rule in _rules(field, at)]
    return {
        "$schema": DIALECT,
        "title": form.label.en,
        "type": "object",
        "properties": {field.key: value_schema(field) for field in shown},
        "required": [field.key for field in shown if field.required and not _by_answers(field.visible_when)],
        "additionalProperties": False,
        **({"allOf": rules} if rules else {}),
    }


def value_schema(field: Field) -> dict[str, Any]:
    return {"title": field.label.en, **_SCHEMAS[field.type](field)}


def _never(field: Field, at: Situation) -> bool:
    """Not there at all, whatever is answered."""
    return not _by_answers(field.visible_when) and not holds(field.visible_when, {}, at)


def _by_answers(condition: Any) -> bool:
    return any(one.subject == "field" for one in comparisons(condition))


def _rules(field: Field, at: Situation) -> list[dict[str, Any]]:
    rules: list[dict[str, Any]] = []
    there = {"required": [field.key]}
    visible = schema_of(field.visible_when, at) if field.visible_when else True
    if _by_answers(field.visible_when):
        rules.append(
            {"$comment": field.key, "if": visible, "then": there if field.required else True, "else": {"not": there}}
        )
    if field.required_when:
        rules.append(
            {"$comment": field.key, "if": {"allOf": [visible, schema_of(field.required_when, at)]}, "then": there}
        )
    return rules


def _text(field: Field) -> dict[str, Any]:
    limits = field.limits
    found: dict[str, Any] = {
        "type": "string",
        "minLength": limits.get("min_length", 1),
        "maxLength": limits["max_length"],
    }
    return found | ({"pattern": limits["pattern"]} if "pattern" in limits else {})


def _number(field: Field) -> dict[str, Any]:
    bounds = {name: field.limits[name] for name in ("minimum", "maximum") if name in field.limits}
    return {"type": "integer" if field.limits.get("whole") else "number", **bounds}


def _object(field: Field) -> dict[str, Any]:
    parts = {
        part: {"type": "string", "title": en, "minLength": 1, "maxLength": longest}
        for part, (_, en, longest) in PARTS[field.type].items()
    }
    if field.type == "product" and field.options:
        parts["family"] = {"enum": [option.value for option in field.options]}
    needed = {"required": list(DECIDING[field.type])} if field.type != "address" else {}
    return {"type": "object", "properties": parts, "minProperties": 1, "additionalProperties": False, **needed}


def _choices(field: Field) -> dict[str, Any]:
    words = [option.value for option in field.options]
    most = min(len(words), field.limits["max_items"])
    return {"type": "array", "items": {"enum": words}, "uniqueItems": True, "minItems": 1, "maxItems": most}


def _attachments(field: Field) -> dict[str, Any]:
    file = {
        "type": "object",
        "properties": {
            "attachment_id": {"type": "string", "minLength": 1, "maxLength": _LONGEST_ID},
            "name": {"type": "string", "maxLength": _LONGEST_NAME},
        },
        "required": ["attachment_id"],
        "additionalProperties": False,
    }
    return {"type": "array", "items": file, "minItems": 1, "maxItems": field.limits["max_items"]}


_SCHEMAS: Mapping[str, Callable[[Field], dict[str, Any]]] = {
    **dict.fromkeys(("short_text", "long_text", "lot", "serial"), _text),
    **dict.fromkeys(("product", "customer", "address"), _object),
    "number": _number,
    "date": lambda _: {"type": "string", "format": "date"},
    "time": lambda _: {"type": "string", "pattern": _TIME_OF_DAY},
    "date_time": lambda _: {"type": "string", "format": "date-time", "maxLength": 40},
    "choice": lambda field: {"enum": [option.value for option in field.options]},
    "choices": _choices,
    "yes_no_unknown": lambda _: {"enum": list(YES_NO_UNKNOWN)},
    "phone": lambda _: {"type": "string", "minLength": 3, "maxLength": 40},
    "email": lambda _: {"type": "string", "format": "email", "maxLength": 254},
    "attachment": _attachments,
    "rating": lambda field: {"type": "integer", "minimum": 1, "maximum": field.limits["maximum"]},
    "consent": lambda field: {"const": True} if field.required else {"type": "boolean"},
}
