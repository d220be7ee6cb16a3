"""What a change changed, for the audit trail: field → [old, new]; a node of a tuple by its id."""

from dataclasses import asdict, fields
from typing import Any

_IDS = ("why_id", "cause_id", "action_id")


def changes(before: Any, after: Any) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for field in fields(after):
        old, new = getattr(before, field.name) if before else None, getattr(after, field.name)
        if old == new:
            continue
        if isinstance(new, tuple):
            found |= _nodes(field.name, old or (), new)
        else:
            found[field.name] = [_plain(old), _plain(new)]
    return found


def _nodes(name: str, old: tuple[Any, ...], new: tuple[Any, ...]) -> dict[str, list[Any]]:
    before = {_id(node, place): node for place, node in enumerate(old)}
    after = {_id(node, place): node for place, node in enumerate(new)}
    return {
        f"{name}.{key}": [_plain(before.get(key)), _plain(node)]
        for key, node in after.items()
        if before.get(key) != node
    }


def _id(node: Any, place: int) -> str:
    return next((str(getattr(node, name)) for name in _IDS if hasattr(node, name)), str(place))


def _plain(value: Any) -> Any:
    return asdict(value) if hasattr(value, "__dataclass_fields__") else value
