"""The chart rendered with some values, as documents that checks can ask. Rendering takes some 10 ms and no cluster."""

import copy
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import helm_python as helm
import yaml

Document = dict[str, Any]
Values = Mapping[str, Any]

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/redress"
NAME = "redress"
NAMESPACE = "complaints"
_EXTRA = "redress/templates/extra-objects.yaml"


class _UniqueKeys(yaml.CSafeLoader):
    """YAML takes the last of two equal keys in silence; the API server refuses them."""

    def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        if twice := sorted({key for key in keys if keys.count(key) > 1}):
            raise yaml.constructor.ConstructorError(None, None, f"key given twice: {twice}", node.start_mark)
        mapping: dict[Any, Any] = super().construct_mapping(node, deep)
        return mapping


def _mapping(loader: _UniqueKeys, node: yaml.MappingNode) -> dict[Any, Any]:
    return loader.construct_mapping(node, deep=True)


_UniqueKeys.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


@dataclass(frozen=True)
class Release:
    name: str
    namespace: str
    values: Values
    """As given over the chart's own."""
    texts: Mapping[str, str] = field(default_factory=dict)
    """Path of the template -> what it rendered."""
    documents: tuple[Document, ...] = ()
    operators: tuple[Document, ...] = ()
    """Of extraObjects: none of the chart's business beyond that they are there."""

    def of(self, *kinds: str) -> list[Document]:
        return [document for document in self.documents if document["kind"] in kinds]

    def find(self, kind: str, name: str) -> Document | None:
        among = [*self.of(kind), *(d for d in self.operators if d["kind"] == kind)]
        return next((d for d in among if d["metadata"]["name"] == name), None)

    def changed(self, change: Callable[[list[Document]], None]) -> "Release":
        """A copy whose documents somebody has spoilt."""
        documents = copy.deepcopy(list(self.documents))
        change(documents)
        return replace(self, documents=tuple(documents))

    @property
    def home(self) -> str:
        """The namespace its objects are in."""
        return self.values.get("namespaceOverride") or self.namespace

    @property
    def notes(self) -> str:
        return next((text for path, text in self.texts.items() if path.endswith("NOTES.txt")), "")


def parse(text: str) -> Iterator[Document]:
    """Lists are taken apart. Raises yaml.YAMLError for broken YAML and for a key given twice."""
    for document in yaml.load_all(text, _UniqueKeys):
        if document is None:
            continue
        yield from document["items"] if document.get("kind") == "List" else [document]


def chart(path: Path = CHART) -> helm.Chart:
    """Read once a run: what all tests see is one state of it."""
    return _loaded(path)


@cache
def _loaded(path: Path) -> helm.Chart:
    return helm.Chart.load(str(path))


def render(values: Values, name: str = NAME, namespace: str = NAMESPACE, path: Path = CHART) -> Release:
    """Raises helm.HelmValuesError where the schema refuses, helm.HelmRenderError where a template does."""
    loaded = chart(path)
    texts = loaded.render(dict(values), name=name, namespace=namespace)
    parsed = {path: tuple(parse(text)) for path, text in texts.items() if not path.endswith("NOTES.txt")}
    operators = parsed.pop(_EXTRA, ())
    documents = tuple(document for found in parsed.values() for document in found)
    return Release(name, namespace, loaded.merge_values(dict(values)), texts, documents, operators)


def merged(below: Values, above: Values) -> dict[str, Any]:
    """As Helm lays one values file over another: maps by key, everything else replaced."""
    result = copy.deepcopy(dict(below))
    for key, value in above.items():
        under = result.get(key)
        both = isinstance(under, dict) and isinstance(value, Mapping)
        result[key] = merged(under, value) if both else copy.deepcopy(value)  # type: ignore[arg-type]
    return result
