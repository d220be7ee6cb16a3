"""What a real API server would refuse: changes of what cannot change, and pods that a restricted namespace forbids."""

from collections.abc import Iterator

from tests.deploy.double.store import Json, Store

_ENFORCE = "pod-security.kubernetes.io/enforce"
_VOLUMES = {"configMap", "downwardAPI", "emptyDir", "persistentVolumeClaim", "projected", "secret", "csi", "ephemeral"}
_IMMUTABLE = {"Deployment": ("selector",), "StatefulSet": ("selector", "serviceName", "volumeClaimTemplates")}


class Refused(Exception):
    """422 or 403, as the API server says it."""


def check(store: Store, item: Json) -> None:
    """Raises Refused."""
    if item["kind"] == "Pod" and (faults := list(_forbidden(store, item))):
        name = item["metadata"]["name"]
        raise Refused(f'pods "{name}" is forbidden: violates PodSecurity "restricted:latest": {", ".join(faults)}')
    known = store.get(item["kind"], item["metadata"].get("namespace", ""), item["metadata"]["name"])
    fixed = _IMMUTABLE.get(item["kind"], ("template", "selector") if item["kind"] == "Job" else ())
    for field in fixed:
        if known and known["spec"].get(field) != item["spec"].get(field):
            raise Refused(f"{item['kind']} {item['metadata']['name']}: spec.{field}: field is immutable")


def _forbidden(store: Store, pod: Json) -> Iterator[str]:
    """Pod Security Standard "restricted", as far as charts can break it."""
    namespace = store.get("Namespace", "", pod["metadata"]["namespace"])
    if namespace is None or namespace["metadata"].get("labels", {}).get(_ENFORCE) != "restricted":
        return
    spec = pod["spec"]
    own = spec.get("securityContext", {})
    yield from (f"{name}=true" for name in ("hostNetwork", "hostPID", "hostIPC") if spec.get(name))
    for volume in spec.get("volumes", ()):
        yield from (f"volume type {kind}" for kind in volume.keys() - {"name"} - _VOLUMES)
    for container in (*spec.get("initContainers", ()), *spec["containers"]):
        security = own | container.get("securityContext", {})
        name = container["name"]
        if security.get("allowPrivilegeEscalation") is not False:
            yield f"allowPrivilegeEscalation != false ({name})"
        if "ALL" not in security.get("capabilities", {}).get("drop", ()):
            yield f"unrestricted capabilities ({name})"
        if security.get("runAsNonRoot") is not True or security.get("runAsUser") == 0:
            yield f"runAsNonRoot != true ({name})"
        if security.get("seccompProfile", {}).get("type") not in ("RuntimeDefault", "Localhost"):
            yield f"seccompProfile ({name})"
