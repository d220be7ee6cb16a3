"""YAML as definitions use it: JSON's values and comments. `yes`, `12:30` and `2026-10-01` are texts, as in YAML 1.2."""

import re
from typing import Any

import yaml

_MOST_NODES, _DEEPEST, _ONE_LINE = 100_000, 64, 96


class Faulty(ValueError):
    def __init__(self, line: int, text: str) -> None:
        super().__init__(text)
        self.line = line


class _Loader(yaml.SafeLoader):
    yaml_implicit_resolvers: Any = {}  # noqa: RUF012 - PyYAML's own name; not those of YAML 1.1


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def nodes(text: str) -> Any:
    """The document's root node, None for an empty one. Raises Faulty."""
    try:
        return yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise Faulty(mark.line + 1 if mark else 1, error.problem or "is not YAML") from error
    except yaml.YAMLError as error:
        raise Faulty(1, f"is not YAML: {str(error).splitlines()[0]}") from error


def values(root: Any) -> Any:
    """Plain values of a node. Raises Faulty for what JSON has no word for, and for a key that stands twice."""
    return _Reading().value(root, 0)


class _Reading:
    def __init__(self) -> None:
        self.seen = 0
        self.loader = _Loader("")

    def value(self, node: Any, depth: int) -> Any:
        self.seen += 1
        if self.seen > _MOST_NODES or depth > _DEEPEST:
            raise Faulty(node.start_mark.line + 1, "grows too large: are there aliases within aliases?")
        if node.id == "mapping":
            return self.mapping(node, depth)
        if node.id == "sequence":
            return [self.value(item, depth + 1) for item in node.value]
        try:
            return self.loader.construct_object(node)
        except (yaml.YAMLError, ValueError) as error:
            raise Faulty(node.start_mark.line + 1, f"{node.tag} is not used here") from error

    def mapping(self, node: Any, depth: int) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            if key.id != "scalar" or key.tag != "tag:yaml.org,2002:str":
                raise Faulty(line, "a key is a text; put it in quotes")
            if key.value in found:
                raise Faulty(line, f"{key.value} stands here a second time")
            found[key.value] = self.value(value, depth + 1)
        return found


class _Dumper(yaml.SafeDumper):
    """Small things in one line, everything else in blocks."""

    def represent_mapping(self, tag: str, mapping: Any, flow_style: Any = None) -> Any:
        return _compact(super().represent_mapping(tag, mapping, flow_style))

    def represent_sequence(self, tag: str, sequence: Any, flow_style: Any = None) -> Any:
        return _compact(super().represent_sequence(tag, sequence, flow_style))

    def ignore_aliases(self, data: Any) -> bool:
        return True


def _compact(node: Any) -> Any:
    members = [part for pair in node.value for part in (pair if isinstance(pair, tuple) else (pair,))]
    scalars = all(isinstance(part, yaml.ScalarNode) and "\n" not in part.value for part in members)
    node.flow_style = scalars and sum(len(part.value) + 2 for part in members) <= _ONE_LINE
    return node


def dump(document: Any) -> str:
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=118)
