"""What a container is told: `env` and `envFrom` resolved as the kubelet does."""

import base64
import re
from collections.abc import Iterator, Mapping

from tests.deploy.double.store import Json, Store

_REFERENCE = re.compile(r"\$\$|\$\(([A-Za-z_][A-Za-z0-9_.-]*)\)")
_LABEL = re.compile(r"metadata\.(labels|annotations)\['(.+)'\]")


class ConfigError(Exception):
    """CreateContainerConfigError: something that the manifest names is not there."""


def environment_of(container: Json, pod: Json, store: Store) -> dict[str, str]:
    """Raises ConfigError."""
    found: dict[str, str] = dict(_service_links(pod, store))
    for source in container.get("envFrom", ()):
        found |= {source.get("prefix", "") + name: text for name, text in _all_of(source, pod, store).items()}
    for entry in container.get("env", ()):
        text = _one(entry, pod, store)
        if text is not None:
            found[entry["name"]] = expand(text, found)
    return found


def expand(text: str, known: Mapping[str, str]) -> str:
    """`$(NAME)` in values, command and arguments; `$$` is a dollar sign, an unknown name stays as it is."""

    def value(match: re.Match[str]) -> str:
        return "$" if match[0] == "$$" else known.get(match[1], match[0])

    return _REFERENCE.sub(value, text)


def data_of(kind: str, name: str, pod: Json, store: Store, *, optional: bool = False) -> dict[str, bytes]:
    """Contents of a ConfigMap or Secret in the pod's namespace. Raises ConfigError."""
    item = store.get(kind, pod["metadata"]["namespace"], name)
    if item is None:
        if optional:
            return {}
        raise ConfigError(f'{kind.lower()} "{name}" not found')
    binary = item.get("data") if kind == "Secret" else item.get("binaryData")
    plain = item.get("stringData") if kind == "Secret" else item.get("data")
    decoded = {name: base64.b64decode(text) for name, text in (binary or {}).items()}
    return decoded | {name: text.encode() for name, text in (plain or {}).items()}


def _all_of(source: Json, pod: Json, store: Store) -> dict[str, str]:
    kind = "ConfigMap" if "configMapRef" in source else "Secret"
    ref = source["configMapRef" if kind == "ConfigMap" else "secretRef"]
    data = data_of(kind, ref["name"], pod, store, optional=ref.get("optional", False))
    return {name: content.decode() for name, content in data.items()}


def _one(entry: Json, pod: Json, store: Store) -> str | None:
    source = entry.get("valueFrom")
    if source is None:
        return str(entry.get("value", ""))
    if "fieldRef" in source:
        return field_of(pod, source["fieldRef"]["fieldPath"])
    for form, kind in (("secretKeyRef", "Secret"), ("configMapKeyRef", "ConfigMap")):
        if form in source:
            return _key(kind, source[form], pod, store)
    raise ConfigError(f"{entry['name']}: no support for {', '.join(source)}")


def _key(kind: str, ref: Json, pod: Json, store: Store) -> str | None:
    optional = ref.get("optional", False)
    data = data_of(kind, ref["name"], pod, store, optional=optional)
    if ref["key"] in data:
        return data[ref["key"]].decode()
    if optional:
        return None
    raise ConfigError(f"couldn't find key {ref['key']} in {kind} {pod['metadata']['namespace']}/{ref['name']}")


def field_of(pod: Json, path: str) -> str:
    if match := _LABEL.fullmatch(path):
        return str(pod["metadata"].get(match[1], {}).get(match[2], ""))
    found: object = pod
    for part in path.split("."):
        found = found.get(part, "") if isinstance(found, dict) else ""
    return str(found)


def _service_links(pod: Json, store: Store) -> Iterator[tuple[str, str]]:
    """As Docker's links once did, unless the pod declines: they may collide with settings of the same prefix."""
    yield from {"KUBERNETES_SERVICE_HOST": "127.0.0.1", "KUBERNETES_SERVICE_PORT": "443"}.items()
    if pod["spec"].get("enableServiceLinks", True) is False:
        return
    for service in store.all("Service", pod["metadata"]["namespace"]):
        address = service["spec"].get("clusterIP", "None")
        if address != "None":
            name, port = service["metadata"]["name"].upper().replace("-", "_"), service["spec"]["ports"][0]["port"]
            yield f"{name}_SERVICE_HOST", address
            yield f"{name}_SERVICE_PORT", str(port)
            yield f"{name}_PORT", f"tcp://{address}:{port}"
