"""What a PATCH makes of an object. Lists are replaced as a whole: here nobody shares one with another writer."""

import copy
from typing import Any

from tests.deploy.double.store import Json


def merged(target: Any, patch: Any) -> Any:
    """RFC 7396; strategic merge patches are taken for the same."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif name != "$setElementOrder":
            result[name] = merged(result.get(name), value)
    return result


def applied(current: Json, before: Json, wanted: Json) -> Json:
    """Server-side apply by one manager: what it applied `before` and wants no more goes, what others wrote stays."""
    result = copy.deepcopy(current)
    for name in before.keys() - wanted.keys():
        result.pop(name, None)
    for name, value in wanted.items():
        if isinstance(value, dict):
            known, old = result.get(name), before.get(name)
            result[name] = applied(
                known if isinstance(known, dict) else {}, old if isinstance(old, dict) else {}, value
            )
        else:
            result[name] = copy.deepcopy(value)
    return result


def json_patched(target: Json, operations: list[Json]) -> Json:
    """RFC 6902: add, replace and remove on objects."""
    result = copy.deepcopy(target)
    for operation in operations:
        *path, last = [part.replace("~1", "/").replace("~0", "~") for part in operation["path"].split("/")[1:]]
        place = result
        for part in path:
            place = place.setdefault(part, {})
        if operation["op"] == "remove":
            place.pop(last, None)
        else:
            place[last] = operation["value"]
    return result
