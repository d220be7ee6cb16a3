"""Values that the chart's schema takes, made at random: every scalar it knows, with whatever of its kind."""

from collections.abc import Iterator, Mapping
from typing import Any

from hypothesis import strategies as st

from tests.deploy.chart.release import Values, chart, merged

# Texts that break YAML which forgot to quote them, and Go templates which render what they are given.
_TEXTS = (
    "x",
    "a: b",
    'quo"ted',
    "{{ fail }}",
    "中文",
    "# no",
    "- y",
    "null",
    "true",
    "8080",
    "0x1f",
    "1e3",
    "*a",
    "it's",
)
Leaf = tuple[tuple[str, ...], Mapping[str, Any]]


def leaves() -> list[Leaf]:
    schema = chart().schema
    assert schema is not None
    return list(_leaves(schema, schema, ()))


def _leaves(root: Mapping[str, Any], node: Mapping[str, Any], path: tuple[str, ...]) -> Iterator[Leaf]:
    while "$ref" in node:
        node = {**_referred(root, node["$ref"]), **{key: value for key, value in node.items() if key != "$ref"}}
    if "properties" in node:
        for name, below in node["properties"].items():
            yield from _leaves(root, below, (*path, name))
    elif _strategy(node) is not None:
        yield path, node


def _referred(root: Mapping[str, Any], ref: str) -> Mapping[str, Any]:
    found: Any = root
    for part in ref.removeprefix("#/").split("/"):
        found = found[part]
    return found  # type: ignore[no-any-return]


def _strategy(node: Mapping[str, Any]) -> st.SearchStrategy[Any] | None:
    if "enum" in node:
        return st.sampled_from(node["enum"])
    match node.get("type"):
        case "boolean":
            return st.booleans()
        case "integer":
            low = node.get("minimum", 0)
            return st.integers(low, node.get("maximum", low + 100))
        case "string" if "pattern" in node:
            return st.from_regex(f"{node['pattern']}\\Z", fullmatch=False).filter(lambda text: "\n" not in text)
        case "string":
            return st.sampled_from(_TEXTS)
    return None


def changes() -> st.SearchStrategy[Values]:
    """A few scalars set at once."""
    known = leaves()
    one = st.sampled_from(known).flatmap(lambda leaf: _strategy(leaf[1]).map(lambda value: _at(leaf[0], value)))  # type: ignore[union-attr]
    return st.lists(one, min_size=1, max_size=4).map(_together)


def _at(path: tuple[str, ...], value: Any) -> Values:
    return value if not path else {path[0]: _at(path[1:], value)}


def _together(parts: list[Values]) -> Values:
    result: Values = {}
    for part in parts:
        result = merged(result, part)
    return result
