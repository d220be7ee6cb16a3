"""What the Pod Security Standard "restricted" asks (kubernetes.io/docs/concepts/security/pod-security-standards)."""

from collections.abc import Iterator
from typing import Any

from tests.deploy.chart.pods import Pod, pods
from tests.deploy.chart.release import Document, Release

_VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}
_SECCOMP = ("RuntimeDefault", "Localhost")
_SELINUX = (None, "", "container_t", "container_init_t", "container_kvm_t", "container_engine_t")
_HOST = ("hostNetwork", "hostPID", "hostIPC")


def restricted(release: Release) -> Iterator[str]:
    """No pod would be turned away by a namespace that enforces the restricted standard."""
    for pod in pods(release):
        yield from (f"{pod.where}: {complaint}" for complaint in _of_the_pod(pod.spec))
        for container in pod.containers:
            yield from (f"{pod.where} {container['name']}: {found}" for found in _of_a_container(pod, container))


def _of_the_pod(spec: Document) -> Iterator[str]:
    yield from (f"{key} is set" for key in _HOST if spec.get(key))
    for volume in spec.get("volumes", []):
        if not_allowed := set(volume) - {"name"} - _VOLUMES:
            yield f"volume {volume['name']} is a {not_allowed}"
    context = spec.get("securityContext", {})
    if context.get("sysctls"):
        yield "sysctls are set"
    yield from _options(context)


def _of_a_container(pod: Pod, container: Document) -> Iterator[str]:
    own = container.get("securityContext", {})
    both = {**pod.spec.get("securityContext", {}), **own}
    if own.get("privileged"):
        yield "is privileged"
    if own.get("allowPrivilegeEscalation") is not False:
        yield "may escalate privileges"
    if own.get("procMount", "Default") != "Default":
        yield "mounts another /proc"
    yield from _capabilities(own.get("capabilities", {}))
    yield from _user(both)
    if both.get("seccompProfile", {}).get("type") not in _SECCOMP:
        yield "has no seccomp profile"
    yield from _options(own)
    yield from _of_the_host(container)


def _capabilities(capabilities: Document) -> Iterator[str]:
    if "ALL" not in capabilities.get("drop", []):
        yield "keeps capabilities"
    if more := set(capabilities.get("add", [])) - {"NET_BIND_SERVICE"}:
        yield f"adds {more}"


def _user(context: Document) -> Iterator[str]:
    if context.get("runAsNonRoot") is not True:
        yield "may run as root"
    if not context.get("runAsUser"):
        yield "names no user, or root: an image that names its user by name is refused then"


def _options(context: Document) -> Iterator[str]:
    selinux: dict[str, Any] = context.get("seLinuxOptions", {})
    if selinux.get("type") not in _SELINUX or selinux.get("user") or selinux.get("role"):
        yield "sets SELinux options"
    if context.get("appArmorProfile", {}).get("type", "RuntimeDefault") == "Unconfined":
        yield "is not confined by AppArmor"
    if context.get("windowsOptions", {}).get("hostProcess"):
        yield "is a process of the host"


def _of_the_host(container: Document) -> Iterator[str]:
    yield from (f"takes port {p['hostPort']} of the host" for p in container.get("ports", []) if p.get("hostPort"))
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        if container.get(probe, {}).get("httpGet", {}).get("host"):
            yield f"{probe} asks another host"


def hardened(release: Release) -> Iterator[str]:
    """Beyond the standard: a root file system that cannot be written, bounded scratch space, no API token."""
    for pod in pods(release):
        yield from (f"{pod.where}: {complaint}" for complaint in _beyond(pod.spec))
        for container in pod.containers:
            if container.get("securityContext", {}).get("readOnlyRootFilesystem") is not True:
                yield f"{pod.where} {container['name']}: can write its root file system"


def _beyond(spec: Document) -> Iterator[str]:
    if spec.get("automountServiceAccountToken") is not False:
        yield "carries a service account token"
    if spec.get("enableServiceLinks") is not False:
        yield "takes service links: the variables of a Service called redress-… would be read as settings"
    for volume in spec.get("volumes", []):
        if "emptyDir" in volume and not (volume["emptyDir"] or {}).get("sizeLimit"):
            yield f"emptyDir {volume['name']} has no limit"


def no_rights(release: Release) -> Iterator[str]:
    """The chart brings no account and no role, so that whoever installs it needs no right to give rights."""
    for document in release.of("ServiceAccount", "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding"):
        yield f"{document['kind']}/{document['metadata']['name']} is rendered"
    for pod in pods(release):
        if pod.spec.get("serviceAccountName", "default") != "default":
            yield f"{pod.where}: runs under {pod.spec['serviceAccountName']}"
