"""JSONPath (RFC 9535) over what strangers send: only paths whose cost grows no faster than the payload."""

import re
from functools import lru_cache
from typing import Any

from jsonpath import CompoundJSONPath, JSONPath, JSONPathEnvironment
from jsonpath.exceptions import JSONPathError

MAX_PATH = 200
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\"")
_ENVIRONMENT = JSONPathEnvironment(strict=True)


def fault_of(path: str) -> str:
    """What is wrong with a path; empty where nothing is."""
    if len(path) > MAX_PATH:
        return f"is longer than {MAX_PATH} characters"
    bare = _QUOTED.sub("''", path)
    # Each of these is asked once for every node of the payload, or multiplies with every step.
    if bare.count("$") != 1 or bare.count("..") > 1 or "," in bare or re.search(r"[\w\])]\s*\(", bare):
        return "may have one $, at most one .., no lists of selectors and no functions"
    try:
        _compiled(path)
    except (JSONPathError, RecursionError, ValueError) as error:
        return f"is no JSONPath: {str(error).splitlines()[0][:100]}"
    return ""


def first_text(path: str, payload: Any) -> str:
    """The first value at `path` as text: true and false as yes and no; objects, lists and null are passed over."""
    try:
        for match in _compiled(path).finditer(payload):
            if (text := _text(match.obj)) is not None:
                return text
    except (JSONPathError, RecursionError, TypeError, ValueError):
        return ""
    return ""


@lru_cache(maxsize=1024)
def _compiled(path: str) -> JSONPath | CompoundJSONPath:
    return _ENVIRONMENT.compile(path)


def _text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("\x00", "")
    return str(value) if isinstance(value, int | float) else None
