"""A unified diff of what is published and what a file says, in the order of what is published."""

import difflib
from collections.abc import Mapping
from typing import Any

from redressctl.config.yaml_text import dump

_NAMED_BY = ("key", "id", "kind", "date")


def unified(published: Mapping[str, Any] | None, wanted: Mapping[str, Any], name: str, version: int) -> str:
    before = dump(published).splitlines() if published is not None else []
    after = dump(ordered_like(wanted, published)).splitlines()
    old = f"{name} version {version}" if version else "/dev/null"
    return "\n".join(difflib.unified_diff(before, after, old, f"{name} in the file", lineterm="", n=2))


def ordered_like(value: Any, model: Any) -> Any:
    """The same value; keys that `model` has come first and in its order, so that only real changes differ."""
    if isinstance(value, Mapping) and isinstance(model, Mapping):
        names = [name for name in model if name in value] + [name for name in value if name not in model]
        return {name: ordered_like(value[name], model.get(name)) for name in names}
    if isinstance(value, list) and isinstance(model, list):
        known = {_name(item): item for item in model if _name(item) is not None}
        return [
            ordered_like(item, known.get(_name(item), model[n] if n < len(model) else None))
            for n, item in enumerate(value)
        ]
    return value


def _name(item: Any) -> str | None:
    if not isinstance(item, Mapping):
        return None
    return next((str(item[field]) for field in _NAMED_BY if field in item), None)
