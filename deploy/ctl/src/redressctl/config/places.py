"""Where in a file the thing stands that a field path names: `stages[1].gate[0]`, `rows.7.grade`, `holidays[3].date`."""

import re
from collections.abc import Sequence
from typing import Any

_STEP = re.compile(r"[^.\[\]]+")
_NAMED_BY = ("key", "id", "kind", "date")


def line_of(root: Any, path: str) -> int:
    """Counted from 1; of the deepest part of the path that is there. `root` is a node of PyYAML."""
    node, line = root, int(root.start_mark.line)
    for step in _STEP.findall(path):
        found = _member(node, step) if isinstance(node.value, list) else None
        if found is None:
            break
        key, node = found
        line = int(key.start_mark.line)
    return line + 1


def _member(node: Any, step: str) -> tuple[Any, Any] | None:
    """(where it begins, the member) of a mapping or list."""
    if node.id == "mapping":
        return next(((key, value) for key, value in node.value if key.value == step), None)
    if step.isdigit() and int(step) < len(node.value):
        return node.value[int(step)], node.value[int(step)]
    return next(((item, item) for item in node.value if step in _names(item)), None)


def _names(item: Any) -> Sequence[str]:
    if item.id != "mapping":
        return ()
    return [value.value for key, value in item.value if key.value in _NAMED_BY and value.id == "scalar"]
