"""What an expression asks for. Enough of PromQL's grammar for our own rules and dashboards, no parser of all of it."""

import re
from collections.abc import Mapping

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_SELECTOR = re.compile(rf"(?<![\w:\"$])({_NAME})(?![\w:])(\s*\{{[^}}]*\}})?(?!\s*[(\"])")
_GROUPING = re.compile(r"\b(by|on|without|ignoring|group_left|group_right)\s*\([^)]*\)")
_WORDS = {"and", "or", "unless", "bool", "offset", "inf", "nan", "by", "on"}
_STRINGS = re.compile(r'"(?:[^"\\]|\\.)*"')


def selectors(expr: str) -> list[str]:
    """Vector selectors with their matchers, without ranges and offsets; functions and labels of groupings left out."""
    stripped = _GROUPING.sub(" ", re.sub(r"\[[^]]*\]", " ", expr))
    stripped = re.sub(r"\boffset\s+-?\w+", " ", stripped)
    found = [f"{name}{matchers or ''}" for name, matchers in _SELECTOR.findall(stripped)]
    return [selector for selector in found if selector.split("{")[0].lower() not in _WORDS]


def names(expr: str) -> set[str]:
    return {selector.split("{")[0] for selector in selectors(expr)}


def substituted(expr: str, variables: Mapping[str, str]) -> str:
    """As Grafana would send it. Raises LookupError for a variable that the dashboard does not have."""

    def value(match: re.Match[str]) -> str:
        name = match[1] or match[2]
        if name not in variables:
            raise LookupError(f"${name} is no variable of this dashboard: {expr}")
        return variables[name]

    return re.sub(r"\$(?:\{(\w+)\}|(\w+))", value, expr)
