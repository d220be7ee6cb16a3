import re
from collections.abc import Iterator, Mapping
from typing import Any

from chassis.errors import FieldError, Invalid, NotFound

# A UUID, or the number people use: C26-0001234.
ID_PATTERN = r"^([0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}|[A-Z][0-9]{2}-[0-9]{7,20})$"
_ID = re.compile(ID_PATTERN)
_NAMES = {
    *("case", "complaint", "rca", "capa", "task", "knowledge", "delivery", "import", "submission", "proposal"),
    *("person", "view", "other_complaint", "attachment"),
}


def is_id(name: str) -> bool:
    return name.removesuffix("s").removesuffix("_id") in _NAMES and name.endswith(("_id", "_ids"))


def expect_ids_in_path(given: Mapping[str, Any]) -> None:
    """A path that cannot name anything names nothing: 404."""
    if any(is_id(name) and not _ID.fullmatch(value) for name, value in given.items()):
        raise NotFound("there is no such thing")


def expect_ids(given: Mapping[str, Any]) -> None:
    """What is no id cannot be looked up: 422 naming the field."""
    if wrong := list(_wrong(given)):
        raise Invalid("an id cannot be read", [FieldError(name, "must be an id, e.g. a UUID") for name in wrong])


def _wrong(given: Mapping[str, Any]) -> Iterator[str]:
    for name, value in given.items():
        if is_id(name) and not all(_ID.fullmatch(each) for each in (value if isinstance(value, list) else [value])):
            yield name
