"""What is different between two documents, by place: `stages[diagnosis].due_hours.urgent`."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

_NAMED_BY = ("key", "id", "kind", "date")
_LONGEST = 300
MOST_CHANGES = 500


@dataclass(frozen=True)
class Change:
    path: str
    change: Literal["added", "removed", "changed"]
    before: str
    """JSON, cut when it is long; empty for what is added."""
    after: str


def changes(before: Any, after: Any, path: str = "") -> Iterator[Change]:
    """Members of lists are told apart by their key, id, kind or date; where they have none, by their place."""
    if before == after:
        return
    if isinstance(before, Mapping) and isinstance(after, Mapping):
        yield from _between(before, after, lambda name: f"{path}.{name}".lstrip("."))
    elif isinstance(before, list) and isinstance(after, list):
        yield from _lists(before, after, path)
    else:
        yield Change(path, "changed", _shown(before), _shown(after))


def _lists(before: list[Any], after: list[Any], path: str) -> Iterator[Change]:
    old, new = _by_name(before), _by_name(after)
    if old is None or new is None:
        yield Change(path, "changed", _shown(before), _shown(after))
        return
    yield from _between(old, new, lambda name: f"{path}[{name}]")
    kept = [name for name in old if name in new]
    moved = [name for name in new if name in old]
    if kept != moved:
        yield Change(path, "changed", f"order: {', '.join(kept)}"[:_LONGEST], f"order: {', '.join(moved)}"[:_LONGEST])


def _between(old: Mapping[str, Any], new: Mapping[str, Any], place: Any) -> Iterator[Change]:
    for name, value in old.items():
        if name in new:
            yield from changes(value, new[name], place(name))
        else:
            yield Change(place(name), "removed", _shown(value), "")
    for name, value in new.items():
        if name not in old:
            yield Change(place(name), "added", "", _shown(value))


def _by_name(items: Sequence[Any]) -> dict[str, Any] | None:
    """None where the members have no names of their own, or two the same."""
    for field in _NAMED_BY:
        names = [str(item[field]) for item in items if isinstance(item, Mapping) and field in item]
        if len(names) == len(items) and len(set(names)) == len(names):
            return dict(zip(names, items, strict=True))
    return None


def _shown(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
