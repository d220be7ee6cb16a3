"""A form's document (JSON) becomes a Form, or an Invalid that names every fault with its place."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from chassis.document import Reader
from chassis.errors import FieldError, Invalid
from intake.domain.complaint import LANGUAGES
from intake.domain.forms.bindings_read import check_bindings, values_of
from intake.domain.forms.conditions_read import check_conditions
from intake.domain.forms.field_read import field_of, optional_label
from intake.domain.forms.form import Form, Label
from intake.domain.forms.layout import layout_of
from intake.domain.forms.public_read import public_of

MOST_FIELDS, DEEPEST, MOST_VALUES = 150, 16, 20_000
_KNOWN = "name version label help source language time_zone fields values layout public"


def parse(document: object) -> Form:
    """Raises Invalid with one FieldError per fault. Patterns are tried by whoever compiles them."""
    reader = Reader()
    raw = reader.mapping(document, "")
    for place, text in refused_shapes(raw):
        reader.fault(place, text)
    if not reader.faults:
        form = _form(reader, raw)
    if reader.faults:
        raise Invalid("this form cannot be used", [FieldError(place, text) for place, text in reader.faults])
    return form


def refused_shapes(raw: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What no form has, looked for without recursion: references (a schema that holds itself could be checked for
    ever), and documents too deep or too large to be anybody's form."""
    waiting: list[tuple[str, Any, int]] = [("document", raw, 0)]
    seen = 0
    while waiting:
        place, value, depth = waiting.pop()
        seen += 1
        if seen > MOST_VALUES or depth > DEEPEST:
            yield place[:200], f"is too large: at most {MOST_VALUES} values, {DEEPEST} levels"
            return
        if isinstance(value, Mapping):
            named = [key for key in value if isinstance(key, str) and key.startswith("$")]
            yield from ((f"{place}.{key}"[:200], "references are not taken: a form holds no $ref") for key in named)
            waiting.extend((f"{place}.{key}", inner, depth + 1) for key, inner in value.items())
        elif isinstance(value, list):
            waiting.extend((f"{place}[{n}]", inner, depth + 1) for n, inner in enumerate(value))


def _form(reader: Reader, raw: Mapping[str, Any]) -> Form:
    reader.only(raw, "", _KNOWN)
    listed = list(reader.listed(raw, "fields", ""))
    if not 1 <= len(listed) <= MOST_FIELDS:
        reader.fault("fields", f"must be a list of 1 to {MOST_FIELDS} fields")
    fields = tuple(field_of(reader, one, at) for one, at in listed[:MOST_FIELDS])
    for key, times in Counter(field.key for field in fields).items():
        if times > 1:
            reader.fault("fields", f"{key} occurs {times} times")
    form = Form(
        name=reader.key(raw, "name", ""),
        version=reader.whole(raw, "version", "", least=1, most=10**6),
        label=Label(*reader.label(raw, "")),
        help=optional_label(reader, raw, "help", ""),
        language=reader.one_of(raw, "language", "", LANGUAGES) if "language" in raw else "",
        time_zone=_zone(reader, raw),
        fields=fields,
        values=values_of(reader, raw),
        layout=layout_of(reader, raw, [field.key for field in fields]),
        public=public_of(reader, raw),
        document=raw,
    )
    check_bindings(reader, form)
    check_conditions(reader, form)
    return form


def _zone(reader: Reader, raw: Mapping[str, Any]) -> str:
    name = raw.get("time_zone", "Asia/Shanghai")
    try:
        return ZoneInfo(name).key
    except (KeyError, ValueError, OSError, TypeError, AttributeError):
        reader.fault("time_zone", "is not a time zone of the IANA database")
        return "UTC"
