"""A form as a plain HTML page: its controls section by section, and the answers that a browser sends back."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

PREFIX = "f."
PARTS: Mapping[str, Mapping[str, Mapping[str, str]]] = {
    "product": {"family": {"zh": "产品系列", "en": "Product family"}, "model": {"zh": "型号", "en": "Model"}},
    "customer": {
        "name": {"zh": "姓名或公司", "en": "Name or company"},
        "ref": {"zh": "客户编号（如有）", "en": "Customer number, if any"},
    },
    "address": {
        "country": {"zh": "国家或地区", "en": "Country"},
        "region": {"zh": "省/州", "en": "Province or state"},
        "city": {"zh": "城市", "en": "City"},
        "street": {"zh": "街道和门牌号", "en": "Street and number"},
        "postcode": {"zh": "邮编", "en": "Postcode"},
    },
}
"""Of types whose answers are objects."""
_NOT_ON_A_PAGE = frozenset({"attachment"})
_NUMBERS = frozenset({"number", "rating"})
_SCOPE = "#/properties/"
_UNSAID: Mapping[str, Any] = {
    **dict.fromkeys(("help", "unit", "max_length", "maximum")),
    "required": False,
    "options": (),
    "widget": "",
}
INPUTS = {
    "email": "email",
    "phone": "tel",
    "number": "number",
    "date": "date",
    "time": "time",
    "date_time": "datetime-local",
}
"""Type of field -> of HTML's input; else text."""
_CLOCK = len("2026-01-31T08:30")

Document = Mapping[str, Any]
Posted = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Section:
    group: Mapping[str, Any] | None
    fields: Sequence[Mapping[str, Any]]


def sections(document: Document, layout: Mapping[str, Any], asked: Sequence[str]) -> list[Section]:
    """What is asked now, in the order of the layout; fields outside of groups stand in sections without a heading."""
    fields = {
        one["key"]: {**_UNSAID, **one}
        for one in document["fields"]
        if one["key"] in asked and one["type"] not in _NOT_ON_A_PAGE
    }
    found: list[Section] = []
    for group, keys in _groups(layout):
        shown = [fields[key] for key in keys if key in fields]
        if shown and group is None and found and found[-1].group is None:
            found[-1] = Section(None, [*found[-1].fields, *shown])
        elif shown:
            found.append(Section(group, shown))
    return found


def _groups(element: Mapping[str, Any]) -> Iterator[tuple[Mapping[str, Any] | None, list[str]]]:
    if element["type"] == "Group":
        yield {"help": None, **element}, list(_keys(element))
    elif element["type"] == "Control":
        yield None, list(_keys(element))
    else:
        for inner in element.get("elements", ()):
            yield from _groups(inner)


def _keys(element: Mapping[str, Any]) -> Iterator[str]:
    if element["type"] == "Control":
        yield element["scope"].removeprefix(_SCOPE)
    for inner in element.get("elements", ()):
        yield from _keys(inner)


def answers(document: Document, posted: Posted, zone: ZoneInfo) -> dict[str, Any]:
    """What a browser sent, as JSON values; what was left blank is not there. The owner judges it."""
    found = {one["key"]: _answer(one, posted, zone) for one in document["fields"]}
    return {key: value for key, value in found.items() if value not in (None, "", [], {})}


def _answer(field: Mapping[str, Any], posted: Posted, zone: ZoneInfo) -> Any:
    name, kind = f"{PREFIX}{field['key']}", field["type"]
    if kind in PARTS:
        parts = {part: _text(posted, f"{name}.{part}") for part in PARTS[kind]}
        return {part: text for part, text in parts.items() if text}
    if kind == "choices":
        return list(dict.fromkeys(posted.get(name, ())))
    text = _text(posted, name)
    if kind == "consent":
        return True if text else None
    if kind in _NUMBERS:
        return _number(text)
    return _with_zone(text, zone) if kind == "date_time" else text


def _text(posted: Posted, name: str) -> str:
    """Browsers send CRLF."""
    return posted.get(name, [""])[-1].replace("\r\n", "\n").strip()


def shown_again(document: Document, given: Mapping[str, Any]) -> dict[str, Any]:
    """Answers as a page has them: a browser's clock takes no zone."""
    clocks = {one["key"] for one in document["fields"] if one["type"] == "date_time"}
    return {key: value[:_CLOCK] if key in clocks else value for key, value in given.items()}


def _number(text: str) -> Any:
    """What is no number goes on as it came, and is refused by name."""
    for read in (int, float):
        try:
            number = read(text)
        except ValueError:
            continue
        return number if abs(number) < 1e15 else text
    return text


def _with_zone(text: str, zone: ZoneInfo) -> str:
    """A browser's clock reading has no zone: it is read where the form is at home."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return text
    return (at if at.tzinfo else at.replace(tzinfo=zone)).isoformat()
