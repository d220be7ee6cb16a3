"""How a form is laid out: a UI schema in the manner of JSON Forms, which a builder edits by drag and drop."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from chassis.document import Reader

DEEPEST, MOST_ELEMENTS = 4, 400
CONTAINERS = ("VerticalLayout", "HorizontalLayout", "Group")
_SCOPE = "#/properties/"


def layout_of(reader: Reader, raw: Mapping[str, Any], keys: Sequence[str]) -> Mapping[str, Any]:
    """As the document says it, or all fields below each other. Every field has one place."""
    if "layout" not in raw:
        return {"type": "VerticalLayout", "elements": [control(key) for key in keys]}
    layout = reader.mapping(raw["layout"], "layout")
    _check(reader, layout, "layout", DEEPEST)
    placed = Counter(list(placed_in(layout))[: MOST_ELEMENTS + 1])
    for key in keys:
        if placed[key] != 1:
            reader.fault("layout", f"{key} has {placed[key]} places, must have one")
    for key in placed.keys() - set(keys):
        reader.fault("layout", f"there is no field {key[:63]}")
    return layout


def control(key: str) -> dict[str, Any]:
    return {"type": "Control", "scope": f"{_SCOPE}{key}"}


def placed_in(element: Mapping[str, Any]) -> Iterator[str]:
    """Keys of the fields in their order."""
    if element.get("type") == "Control":
        yield str(element.get("scope")).removeprefix(_SCOPE)
    elements = element.get("elements")
    for inner in elements if isinstance(elements, list) else ():
        if isinstance(inner, Mapping):
            yield from placed_in(inner)


def _check(reader: Reader, element: Mapping[str, Any], place: str, left: int) -> None:
    kind = reader.one_of(element, "type", place, (*CONTAINERS, "Control", "Label"))
    if kind == "Control":
        reader.only(element, place, "type scope")
        if not str(element.get("scope")).startswith(_SCOPE):
            reader.fault(f"{place}.scope", f"must be {_SCOPE}<key>")
    elif kind == "Label":
        reader.only(element, place, "type text")
        reader.label(element, place, "text")
    else:
        _check_container(reader, element, kind, place, left)


def _check_container(reader: Reader, element: Mapping[str, Any], kind: str, place: str, left: int) -> None:
    reader.only(element, place, "type elements" + (" key label help" if kind == "Group" else ""))
    if kind == "Group":
        reader.label(element, place)
    if "help" in element:
        reader.label(element, place, "help")
    if left == 0:
        reader.fault(place, f"is nested deeper than {DEEPEST}")
        return
    elements = list(reader.listed(element, "elements", place))
    if not 1 <= len(elements) <= MOST_ELEMENTS:
        reader.fault(f"{place}.elements", f"must be a list of 1 to {MOST_ELEMENTS} elements")
    for inner, at in elements[:MOST_ELEMENTS]:
        _check(reader, inner, at, left - 1)
