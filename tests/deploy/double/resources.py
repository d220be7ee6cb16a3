"""The kinds that this API server knows, and how they are discovered."""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.deploy.double.store import Json

_VERBS = ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"]


@dataclass(frozen=True)
class Resource:
    group_version: str
    plural: str
    kind: str
    namespaced: bool = True

    @property
    def group(self) -> str:
        return self.group_version.rpartition("/")[0]


_TABLE = {
    "v1": "pods services configmaps secrets serviceaccounts persistentvolumeclaims events endpoints !namespaces !nodes"
    " replicationcontrollers limitranges resourcequotas !persistentvolumes",
    "apps/v1": "deployments statefulsets daemonsets replicasets",
    "batch/v1": "jobs cronjobs",
    "policy/v1": "poddisruptionbudgets",
    "autoscaling/v2": "horizontalpodautoscalers",
    "networking.k8s.io/v1": "networkpolicies ingresses",
    "rbac.authorization.k8s.io/v1": "roles rolebindings !clusterroles !clusterrolebindings",
    "coordination.k8s.io/v1": "leases",
    "discovery.k8s.io/v1": "endpointslices",
    "storage.k8s.io/v1": "!storageclasses",
    "scheduling.k8s.io/v1": "!priorityclasses",
    "apiextensions.k8s.io/v1": "!customresourcedefinitions",
    "admissionregistration.k8s.io/v1": "!validatingwebhookconfigurations !mutatingwebhookconfigurations",
}
_KINDS = (
    "Pod Service ConfigMap Secret ServiceAccount PersistentVolumeClaim Event Endpoints Namespace Node"
    " ReplicationController LimitRange ResourceQuota PersistentVolume"
    " Deployment StatefulSet DaemonSet ReplicaSet Job CronJob PodDisruptionBudget HorizontalPodAutoscaler"
    " NetworkPolicy Ingress Role RoleBinding ClusterRole ClusterRoleBinding Lease EndpointSlice StorageClass"
    " PriorityClass CustomResourceDefinition ValidatingWebhookConfiguration MutatingWebhookConfiguration"
)


def _resources() -> Iterator[Resource]:
    kinds = iter(_KINDS.split())
    for group_version, plurals in _TABLE.items():
        for plural in plurals.split():
            yield Resource(group_version, plural.lstrip("!"), next(kinds), not plural.startswith("!"))


RESOURCES = tuple(_resources())
_BY_PATH = {(one.group_version, one.plural): one for one in RESOURCES}


def find(group_version: str, plural: str) -> Resource | None:
    return _BY_PATH.get((group_version, plural))


def groups() -> Json:
    found = []
    for group_version in _TABLE:
        name, _, version = group_version.rpartition("/")
        if name:
            entry = {"groupVersion": group_version, "version": version}
            found.append({"name": name, "versions": [entry], "preferredVersion": entry})
    return {"kind": "APIGroupList", "apiVersion": "v1", "groups": found}


def resource_list(group_version: str) -> Json | None:
    found = [
        {
            "name": one.plural,
            "singularName": one.kind.lower(),
            "kind": one.kind,
            "namespaced": one.namespaced,
            "verbs": _VERBS,
        }
        for one in RESOURCES
        if one.group_version == group_version
    ]
    kind = {"kind": "APIResourceList", "apiVersion": "v1", "groupVersion": group_version}
    return kind | {"resources": found} if found else None


def openapi_paths() -> Json:
    found = {path: {"serverRelativeURL": f"/openapi/v3/{path}?hash=0"} for path in map(_path_of, _TABLE)}
    return {"paths": found}


def openapi(path: str) -> Json:
    """Only that fields are validated by the server: clients then download no schemas."""
    parameters = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in ("dryRun", "fieldValidation")]
    paths = {}
    for one in RESOURCES:
        if _path_of(one.group_version) == path:
            scope = "namespaces/{namespace}/" if one.namespaced else ""
            kind = {"group": one.group, "version": one.group_version.rpartition("/")[2], "kind": one.kind}
            patch = {"parameters": parameters, "x-kubernetes-group-version-kind": kind, "responses": {}}
            paths[f"/{path}/{scope}{one.plural}/{{name}}"] = {"patch": patch}
    return {"openapi": "3.0.0", "info": {"title": "Kubernetes", "version": "v1.36.0"}, "paths": paths}


def _path_of(group_version: str) -> str:
    return f"apis/{group_version}" if "/" in group_version else f"api/{group_version}"
