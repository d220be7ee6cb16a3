"""Names, labels and namespaces of everything rendered."""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.deploy.chart.pods import pods
from tests.deploy.chart.release import Document, Release

_LABELS = ("name", "instance", "version", "part-of", "managed-by")
_CLUSTER_WIDE = {"ClusterRole", "ClusterRoleBinding", "Namespace", "CustomResourceDefinition", "PersistentVolume"}
# What the controllers append to the name must fit into a label too.
_LONGEST = {"CronJob": 52, "StatefulSet": 52}
_DNS_LABEL = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_LABEL_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")


def named(document: Document) -> str:
    return f"{document['kind']}/{document['metadata']['name']}"


def names_fit(release: Release) -> Iterator[str]:
    """Every name is a DNS label of at most 63 characters and is given once a kind."""
    for document in release.documents:
        name = document["metadata"]["name"]
        if len(name) > _LONGEST.get(document["kind"], 63) or not _DNS_LABEL.fullmatch(name):
            yield f"{named(document)}: no name for a {document['kind']} ({len(name)} characters)"
    twice = [name for name, count in Counter(map(named, release.documents)).items() if count > 1]
    yield from (f"{name} is rendered twice" for name in twice)


def label_values_fit(release: Release) -> Iterator[str]:
    for where, labels in _label_maps(release):
        for key, value in labels.items():
            if not isinstance(value, str) or len(value) > 63 or not _LABEL_VALUE.fullmatch(value):
                yield f"{where}: label {key} is {value!r}"


def everything_is_labelled(release: Release) -> Iterator[str]:
    """The standard labels stand on every object and pod, so that one selector finds all of an installation."""
    expected = {"name": "redress", "instance": release.name, "part-of": "redress", "managed-by": "Helm"}
    for where, labels in _label_maps(release):
        of_a_pod = where.endswith("(pods)")
        for label in _LABELS[:-1] if of_a_pod else _LABELS:
            value = labels.get(f"app.kubernetes.io/{label}")
            if value is None or value != expected.get(label, value):
                yield f"{where}: app.kubernetes.io/{label} is {value}"
        if "helm.sh/chart" not in labels and not of_a_pod:
            yield f"{where}: does not say its chart"


def pods_say_their_component(release: Release) -> Iterator[str]:
    for pod in pods(release):
        if not pod.component:
            yield f"{pod.where}: its pods belong to no component"


def _label_maps(release: Release) -> Iterator[tuple[str, dict[str, Any]]]:
    for document in release.documents:
        yield named(document), document["metadata"].get("labels", {})
    for pod in pods(release):
        yield f"{pod.where} (pods)", dict(pod.labels)


def one_namespace(release: Release) -> Iterator[str]:
    """Everything lands in the release's namespace; nothing is cluster-wide, so uninstalling leaves no orphan."""
    for document in release.documents:
        if document["metadata"].get("namespace", release.home) != release.home:
            yield f"{named(document)}: is in {document['metadata']['namespace']}"
        if document["kind"] in _CLUSTER_WIDE:
            yield f"{named(document)}: belongs to the whole cluster"


def port_names_fit(release: Release) -> Iterator[str]:
    """The API server takes port names of 15 characters."""
    for pod in pods(release):
        for container in pod.containers:
            if len(set(pod.ports)) != len([p for c in pod.containers for p in c.get("ports", []) if "name" in p]):
                yield f"{pod.where}: a port name twice"
            yield from (f"{pod.where}: port {p}" for p in container.get("ports", []) if len(p.get("name", "")) > 15)


def no_empty_values(release: Release) -> Iterator[str]:
    """`key:` with nothing after it is null to the API server: forgotten values look so."""
    for document in release.documents:
        yield from (f"{named(document)}: {path} is null" for path in _nulls(document, ""))


def _nulls(node: Any, path: str) -> Iterator[str]:
    if node is None:
        yield path
    children = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, value in children:
        yield from _nulls(value, f"{path}.{key}")
