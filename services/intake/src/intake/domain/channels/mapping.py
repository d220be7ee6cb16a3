"""Which fields of a complaint stand where in a channel's messages. Data, kept with the channel.

{"fields": {"<field>": {"path": "$.ticket.subject"} | {"constant": "…"} | {"template": "{$.subject}\\n\\n{$.body}"},
            each with "default": "…" where that gives nothing},
 "values": {"<field>": {"<theirs>": "<ours>", "*": "<everything else>"}},
 "id": "$.ticket.id", "sender": "$.requester.id",
 "only_if": {"path": "$.type", "in": ["complaint"]}}   anything else is parked
"""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from chassis.errors import FieldError, Invalid
from intake.domain.complaint import QUESTIONS_ASKED
from intake.domain.validation import LENGTHS

TIMES = ("t_occurred", "t_aware", "t_received", "customer_deadline", "answer_due")
FIELDS = frozenset({*LENGTHS, *QUESTIONS_ASKED, *TIMES, "quantity", "remedy_wanted", "language"}) - {"channel_id"}
MAX_FIELDS = 100
MAX_TEXT = 2000
_KEYS = frozenset({"fields", "values", "id", "sender", "only_if"})
_SOURCES = ("path", "constant", "template")
_NAMED = re.compile(r"\{(\$[^{}]*)\}")

Find = Callable[[str, Any], str]
"""Path and payload -> the first text, number or yes/no there; empty where there is none."""
Check = Callable[[str], str]
"""Path -> what is wrong with it; empty where nothing is."""


def expect_mapping(document: Any, check: Check) -> None:
    """Raises Invalid naming everything that does not fit."""
    faults = list(_faults(document, check))
    if faults:
        raise Invalid("the mapping does not fit", faults)


def mapped(document: Mapping[str, Any], payload: Any, find: Find) -> dict[str, str]:
    """The fields that the payload says something about."""
    found = {}
    for name, spec in document.get("fields", {}).items():
        text = _translated(document, name, _text(spec, payload, find)) or spec.get("default", "")
        if text:
            found[name] = text
    return found


def wanted(document: Mapping[str, Any], payload: Any, find: Find) -> bool:
    condition = document.get("only_if")
    return condition is None or find(condition["path"], payload) in condition["in"]


def found_at(document: Mapping[str, Any], key: str, payload: Any, find: Find) -> str:
    """What stands at the mapping's `id` or `sender`."""
    path = document.get(key)
    return find(path, payload) if path else ""


def _text(spec: Mapping[str, str], payload: Any, find: Find) -> str:
    if "path" in spec:
        return find(spec["path"], payload).strip()
    if "constant" in spec:
        return spec["constant"]
    pieces = _NAMED.split(spec["template"])
    told = [find(piece, payload) if n % 2 else piece for n, piece in enumerate(pieces)]
    return "".join(told).strip() if any(told[1::2]) else ""


def _translated(document: Mapping[str, Any], name: str, text: str) -> str:
    table = document.get("values", {}).get(name)
    return text if table is None else str(table.get(text, table.get("*", text)))


def _faults(document: Any, check: Check) -> Iterator[FieldError]:
    if not isinstance(document, dict):
        yield FieldError("mapping", "must be an object")
        return
    for key in sorted(document.keys() - _KEYS):
        yield FieldError(f"mapping.{key}"[:200], "is not part of a mapping")
    fields = document.get("fields", {})
    if not isinstance(fields, dict) or len(fields) > MAX_FIELDS:
        yield FieldError("mapping.fields", f"must be an object of at most {MAX_FIELDS} fields")
    else:
        for name, spec in fields.items():
            yield from _field_faults(name, spec, check)
    yield from _value_faults(document.get("values", {}))
    for key in ("id", "sender"):
        if key in document:
            yield from _path_faults(f"mapping.{key}", document[key], check)
    if "only_if" in document:
        yield from _condition_faults(document["only_if"], check)


def _field_faults(name: str, spec: Any, check: Check) -> Iterator[FieldError]:
    where = f"mapping.fields.{name}"[:200]
    if name not in FIELDS:
        yield FieldError(where, "is not a field that a message can fill")
    elif not isinstance(spec, dict) or not all(_is_text(value) for value in spec.values()):
        yield FieldError(where, f"must be an object of texts of at most {MAX_TEXT} characters")
    elif sum(key in spec for key in _SOURCES) != 1 or spec.keys() - {*_SOURCES, "default"}:
        yield FieldError(where, "needs one of path, constant, template, and may have a default")
    elif "template" in spec:
        yield from _template_faults(where, spec["template"], check)
    elif "path" in spec:
        yield from _path_faults(where, spec["path"], check)


def _template_faults(where: str, template: str, check: Check) -> Iterator[FieldError]:
    paths = _NAMED.findall(template)
    if not paths:
        yield FieldError(where, "names no path, such as {$.subject}")
    for path in paths:
        yield from _path_faults(where, path, check)


def _path_faults(where: str, path: Any, check: Check) -> Iterator[FieldError]:
    fault = check(path) if _is_text(path) else "must be a path such as $.ticket.id"
    if fault:
        yield FieldError(where, fault)


def _value_faults(values: Any) -> Iterator[FieldError]:
    if not isinstance(values, dict):
        yield FieldError("mapping.values", "must be an object: field -> values")
        return
    for name, table in values.items():
        if name not in FIELDS:
            yield FieldError(f"mapping.values.{name}"[:200], "is not a field that a message can fill")
        elif not isinstance(table, dict) or not all(_is_text(value) for value in table.values()):
            yield FieldError(f"mapping.values.{name}", "must be an object of texts")


def _condition_faults(condition: Any, check: Check) -> Iterator[FieldError]:
    if not isinstance(condition, dict) or condition.keys() != {"path", "in"}:
        yield FieldError("mapping.only_if", "must be an object of path and in")
        return
    yield from _path_faults("mapping.only_if.path", condition["path"], check)
    if not _are_texts(condition["in"]):
        yield FieldError("mapping.only_if.in", "must be a list of texts")


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= MAX_TEXT and "\x00" not in value


def _are_texts(value: Any) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, str) and all(_is_text(one) for one in value)
