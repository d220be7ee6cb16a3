"""Pods of the tests' own: restricted like everything else in the namespace, with a script from a ConfigMap."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tests.deploy.cluster.kube import Json, Kube, until

CLIENT = {"redress.io/e2e": "client"}
"""Label of pods that the chart is told to let in to the gateway."""
STRANGER = {"redress.io/e2e": "stranger"}
_SCRIPTS = Path(__file__).with_name("in_cluster")
_END_S = 5


def script(name: str) -> dict[str, str]:
    return {name: (_SCRIPTS / name).read_text()}


def start(
    kube: Kube,
    name: str,
    image: str,
    command: Sequence[str],
    *,
    files: Mapping[str, str],
    env: Sequence[Json] = (),
    labels: Mapping[str, str] = CLIENT,
) -> None:
    """`files` lie in /files."""
    remove(kube, name)
    meta = {"name": name, "labels": dict(labels)}
    kube.create("configmaps", {"apiVersion": "v1", "kind": "ConfigMap", "metadata": meta, "data": dict(files)})
    container = {
        "name": "main",
        "image": image,
        "imagePullPolicy": "IfNotPresent",
        "command": list(command),
        "env": [{"name": "HOME", "value": "/tmp"}, *env],  # noqa: S108 - the pod's own
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        },
        "resources": {"requests": {"cpu": "20m", "memory": "64Mi"}, "limits": {"memory": "512Mi"}},
        "volumeMounts": [
            {"name": "files", "mountPath": "/files", "readOnly": True},
            {"name": "tmp", "mountPath": "/tmp"},  # noqa: S108
        ],
    }
    security = {"runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001}
    spec = {
        "restartPolicy": "Never",
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "terminationGracePeriodSeconds": _END_S,
        "securityContext": security | {"seccompProfile": {"type": "RuntimeDefault"}},
        "containers": [container],
        "volumes": [{"name": "files", "configMap": {"name": name}}, {"name": "tmp", "emptyDir": {}}],
    }
    kube.create("pods", {"apiVersion": "v1", "kind": "Pod", "metadata": meta, "spec": spec})


def remove(kube: Kube, name: str) -> None:
    kube.delete("pods", name)
    kube.delete("configmaps", name)
    until(lambda: kube.get("pods", name) is None, f"pod {name} to be gone", 60)


def finished(kube: Kube, name: str, timeout_s: float) -> tuple[bool, str]:
    """Whether it succeeded, and its log."""

    def ended() -> str:
        phase = str(((kube.get("pods", name) or {}).get("status") or {}).get("phase"))
        return phase if phase in ("Succeeded", "Failed") else ""

    phase = until(ended, f"pod {name} to end", timeout_s)
    return phase == "Succeeded", kube.log(name)
