"""What an object names must be there: in the release itself, or declared by the operator as existing."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tests.deploy.chart.pods import Pod, pods
from tests.deploy.chart.release import Document, Release
from tests.deploy.chart.secrets_known import KEYS

_IMAGE_PULL = "imagePullSecrets"
_REFS = ("secretKeyRef", "configMapKeyRef", "secretRef", "configMapRef")


@dataclass(frozen=True)
class Reference:
    where: str
    kind: str
    name: str
    key: str = ""


def resolve(release: Release) -> Iterator[str]:
    """Every Secret and ConfigMap a pod names is rendered, with that key, or is declared external by the values."""
    external = declared_external(release.values)
    for reference in references(release):
        found = release.find(reference.kind, reference.name)
        if found is None and reference.name not in external:
            yield f"{reference.where}: nobody makes {reference.kind}/{reference.name}"
        if found is not None and reference.key and reference.key not in _keys(found):
            yield f"{reference.where}: {reference.kind}/{reference.name} has no {reference.key}"


def secret_keys_are_known(release: Release) -> Iterator[str]:
    """A key asked of the operator's Secret is one that the guide names or the values do."""
    named = KEYS | set(_strings_under(release.values, lambda key: key.lower().endswith("key")))
    for reference in references(release):
        external = reference.kind == "Secret" and release.find("Secret", reference.name) is None
        if external and reference.key and reference.key not in named:
            yield f"{reference.where}: no guide tells of the key {reference.key} in {reference.name}"


def hooks_stand_alone(release: Release) -> Iterator[str]:
    """Before the release exists, nothing of it does: a hook that names its objects waits for ever."""
    for pod in pods(release):
        if not {"pre-install", "pre-upgrade", "pre-rollback"} & hooks_of(pod.owner):
            continue
        for reference in _of_pod(pod):
            if release.find(reference.kind, reference.name) is not None:
                yield f"{reference.where}: the hook needs {reference.kind}/{reference.name} of this very release"


def hooks_of(document: Document) -> set[str]:
    return set(document["metadata"].get("annotations", {}).get("helm.sh/hook", "").replace(" ", "").split(",")) - {""}


def references(release: Release) -> Iterator[Reference]:
    for pod in pods(release):
        yield from _of_pod(pod)
    for ingress in release.of("Ingress"):
        for tls in ingress["spec"].get("tls", []):
            if "secretName" in tls:
                yield Reference(f"Ingress/{ingress['metadata']['name']}", "Secret", tls["secretName"])


def _of_pod(pod: Pod) -> Iterator[Reference]:
    for volume in pod.spec.get("volumes", []):
        yield from _of_volume(f"{pod.where} volume {volume['name']}", volume)
    for secret in pod.spec.get(_IMAGE_PULL, []):
        yield Reference(pod.where, "Secret", secret["name"])
    for container in pod.containers:
        where = f"{pod.where} {container['name']}"
        for source in [*container.get("envFrom", []), *(e.get("valueFrom", {}) for e in container.get("env", []))]:
            yield from _of_source(where, source)


def _of_volume(where: str, volume: Mapping[str, Any]) -> Iterator[Reference]:
    for source in volume.get("projected", {}).get("sources", [volume]):
        for kind, field, name_field in (("Secret", "secret", "secretName"), ("ConfigMap", "configMap", "name")):
            given = source.get(field)
            if given is None or given.get("optional"):
                continue
            name = given.get(name_field) or given["name"]
            items = given.get("items") or [{"key": ""}]
            yield from (Reference(where, kind, name, item["key"]) for item in items)


def _of_source(where: str, source: Mapping[str, Any]) -> Iterator[Reference]:
    for field in _REFS:
        if field in source and not source[field].get("optional"):
            kind = "Secret" if field.startswith("secret") else "ConfigMap"
            yield Reference(where, kind, source[field]["name"], source[field].get("key", ""))


def _keys(document: Document) -> set[str]:
    return {key for part in ("data", "stringData", "binaryData") for key in document.get(part) or {}}


def declared_external(values: Mapping[str, Any]) -> set[str]:
    """Names that the operator said exist already."""
    pull = {s["name"] if isinstance(s, dict) else s for s in _lists_under(values, _IMAGE_PULL)}
    given = set(_strings_under(values, lambda key: key.lower().endswith(("existingsecret", "existingconfigmap"))))
    refs = {ref["name"] for ref in _maps_under(values, (*_REFS, "secret", "configMap")) if "name" in ref}
    return pull | given | refs | set(_strings_under(values, lambda key: key == "secretName"))


def _walk(node: Any, key: str = "") -> Iterator[tuple[str, Any]]:
    yield key, node
    if isinstance(node, Mapping):
        for below, value in node.items():
            yield from _walk(value, below)
    elif isinstance(node, list):
        for value in node:
            yield from _walk(value)


def _strings_under(values: Mapping[str, Any], wanted: Any) -> Iterator[str]:
    return (node for key, node in _walk(values) if isinstance(node, str) and node and wanted(key))


def _lists_under(values: Mapping[str, Any], wanted: str) -> Iterator[Any]:
    return (item for key, node in _walk(values) if key == wanted and isinstance(node, list) for item in node)


def _maps_under(values: Mapping[str, Any], wanted: tuple[str, ...]) -> Iterator[Mapping[str, Any]]:
    return (node for key, node in _walk(values) if key in wanted and isinstance(node, Mapping))
