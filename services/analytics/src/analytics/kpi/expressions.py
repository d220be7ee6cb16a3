"""What the expressions of a measure may be made of: columns of its rows, constants, functions that only compute.

Catalogues are published by people, and their expressions become SQL: so no table, no setting, no function that does
anything can be named. What is left is tried on the store before it is published.
"""

import re
from collections.abc import Iterator

PARAMETERS = frozenset({"as_of", "fcr_days", "acknowledge_minutes", "time_zone"})
_KEYWORDS = frozenset(
    {"and", "or", "not", "is", "null", "true", "false", "case", "when", "then", "else", "end", "in", "between"}
    | {"select", "from", "at", "time", "zone", "distinct"}
)
_FUNCTIONS = frozenset(
    {"coalesce", "greatest", "least", "nullif", "date_part", "make_interval", "upper", "lower", "sum", "tstzrange"}
    | {"tstzmultirange", "unnest", "abs", "round", "floor", "ceil"}
)
_TYPES = frozenset({"int", "bigint", "numeric", "float8", "text", "date", "timestamp", "timestamptz", "boolean"})
_ARGUMENTS = frozenset({"years", "months", "weeks", "days", "hours", "mins", "secs"})
_LOCAL = frozenset({"span"})
"""The one name an unnested range may be given."""
SPLIT_BY = frozenset(
    {"stage", "grade", "channel", "outcome", "path", "currency", "category", "visited_stage", "action_type"}
)
"""What figures may be split by: few values each, and nothing about a person (no label carries a complaint)."""
_LONGEST = 2_000
_TOKEN = re.compile(
    r"\s+|(?P<text>'[^'\\]*')|(?P<number>\d+(?:\.\d+)?)|::(?P<type>[a-z0-9]+)|:(?P<parameter>[a-z_]+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)?)|=>|<>|<=|>=|\|\||-(?!-)|/(?!\*)|(?P<bracket>[()])|[+*=<>,]"
)


def faults_of(expression: str) -> Iterator[str]:
    """Everything but whether its columns are there."""
    if len(expression) > _LONGEST:
        yield f"is longer than {_LONGEST} characters"
        return
    place = depth = 0
    for token in _tokens(expression):
        if token.start() != place:
            break
        place = token.end()
        depth += {"(": 1, ")": -1}.get(token["bracket"] or "", 0)
        if depth < 0:
            break
        if token["type"] and token["type"] not in _TYPES:
            yield f"cannot be cast to {token['type']}"
        if token["parameter"] and token["parameter"] not in PARAMETERS:
            yield f"there is no parameter :{token['parameter']}"
        if token["name"] and _is_call(expression, place) and token["name"].lower() not in _FUNCTIONS | _KEYWORDS:
            yield f"{token['name']} is no function that may be used"
    if depth:
        yield "has a bracket too many or too few"
    elif place != len(expression):
        yield f"has something at {place + 1} that is not used here"


def columns_of(expression: str) -> set[str]:
    """The columns it names, without the alias of their table."""
    found = set()
    for token in _tokens(expression):
        name = (token["name"] or "").lower()
        if name and not _is_call(expression, token.end()) and not _is_known(name, expression, token.end()):
            found.add(name.rpartition(".")[2])
    return found


def _tokens(expression: str) -> Iterator[re.Match[str]]:
    return _TOKEN.finditer(expression)


def _is_call(expression: str, end: int) -> bool:
    return expression[end:].lstrip().startswith("(")


def _is_known(name: str, expression: str, end: int) -> bool:
    if name in _ARGUMENTS and expression[end:].lstrip().startswith("=>"):
        return True
    return name in _KEYWORDS | _LOCAL
