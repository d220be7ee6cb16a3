"""For every check, ways to spoil a good release that it must notice: a check that cannot fail proves nothing."""

from collections.abc import Callable, Mapping
from typing import Any

from tests.deploy.chart.release import Document

Spoil = Callable[[list[Document]], None]


def one(documents: list[Document], kind: str, name: str = "") -> Document:
    """The first of that kind whose name ends so; Deployments of ours by the service's name."""
    return next(d for d in documents if d["kind"] == kind and d["metadata"]["name"].endswith(name))


def pod_of(documents: list[Document], kind: str = "Deployment", name: str = "-intake") -> Document:
    return one(documents, kind, name)["spec"]["template"]  # type: ignore[no-any-return]


def container_of(documents: list[Document], kind: str = "Deployment", name: str = "-intake") -> Document:
    return pod_of(documents, kind, name)["spec"]["containers"][0]  # type: ignore[no-any-return]


def pod(**changes: Any) -> Spoil:
    return lambda documents: pod_of(documents)["spec"].update(changes)


def container(**changes: Any) -> Spoil:
    return lambda documents: container_of(documents).update(changes)


def without(*path: str) -> Spoil:
    """The intake container without what lies at the path."""

    def spoil(documents: list[Document]) -> None:
        node = container_of(documents)
        for key in path[:-1]:
            node = node[key]
        del node[path[-1]]

    return spoil


def context(**changes: Any) -> Spoil:
    return lambda documents: container_of(documents)["securityContext"].update(changes)


def spec(kind: str, name: str = "", **changes: Any) -> Spoil:
    return lambda documents: one(documents, kind, name)["spec"].update(changes)


def config(**changes: str) -> Spoil:
    return lambda documents: one(documents, "ConfigMap", "-intake")["data"].update(changes)


def metadata(kind: str, **changes: Any) -> Spoil:
    return lambda documents: one(documents, kind)["metadata"].update(changes)


def gone(kind: str, name: str = "") -> Spoil:
    return lambda documents: documents.remove(one(documents, kind, name))


def more(**document: Any) -> Spoil:
    return lambda documents: documents.append({"apiVersion": "v1", "metadata": {"name": "more"}, **document})


def variable(name: str, value: str) -> Spoil:
    return lambda documents: container_of(documents)["env"].append({"name": name, "value": value})


def secret_key(key: str) -> Spoil:
    """The first Secret that intake names, with another key."""

    def spoil(documents: list[Document]) -> None:
        named = next(e for e in container_of(documents)["env"] if "secretKeyRef" in e.get("valueFrom", {}))
        named["valueFrom"]["secretKeyRef"]["key"] = key

    return spoil


def _hook_reads_config(documents: list[Document]) -> None:
    container_of(documents, "Job")["envFrom"] = [
        {"configMapRef": {"name": one(documents, "ConfigMap")["metadata"]["name"]}}
    ]


def _same_labels(documents: list[Document]) -> None:
    pod_of(documents, name="-capa")["metadata"]["labels"] = pod_of(documents)["metadata"]["labels"]


def _null(documents: list[Document]) -> None:
    pod_of(documents)["spec"]["nodeSelector"] = None


def _unlabelled(documents: list[Document]) -> None:
    del one(documents, "Service")["metadata"]["labels"]["app.kubernetes.io/instance"]


def _without_component(documents: list[Document]) -> None:
    del pod_of(documents)["metadata"]["labels"]["app.kubernetes.io/component"]


def _long_value(documents: list[Document]) -> None:
    pod_of(documents)["metadata"]["labels"]["app.kubernetes.io/version"] = "v" * 64


def _path_to_another(documents: list[Document]) -> None:
    rules = one(documents, "Ingress")["spec"]["rules"]
    rules[0]["http"]["paths"][0]["backend"]["service"]["name"] = "nobody"


def _other_grpc_port(documents: list[Document]) -> None:
    one(documents, "Service", "-intake")["spec"]["ports"][0]["port"] = 7001


def _unmounted(documents: list[Document]) -> None:
    container_of(documents)["volumeMounts"] = []


def _counts_others(documents: list[Document]) -> None:
    pod_of(documents)["spec"]["topologySpreadConstraints"][0]["labelSelector"] = {"matchLabels": {"app": "other"}}


_HOSTILE = "postgresql://intake:secret@db:5432/intake?sslmode=verify-full"
_ISSUERS = '{"stranger": "http://redress-intake.complaints.svc:7080/.well-known/jwks.json"}'
_SHELL = {"exec": {"command": ["sh", "-c", "sleep 5"]}}
_HPA = {"maxReplicas": 3, "minReplicas": 0}

SABOTAGE: Mapping[str, tuple[Spoil, ...]] = {
    "restricted": (
        pod(hostNetwork=True),
        pod(volumes=[{"name": "x", "hostPath": {"path": "/"}}]),
        context(allowPrivilegeEscalation=True),
        context(privileged=True),
        context(capabilities={"drop": ["NET_RAW"]}),
        context(capabilities={"drop": ["ALL"], "add": ["SYS_ADMIN"]}),
        context(runAsNonRoot=False),
        context(runAsUser=0),
        context(seccompProfile={"type": "Unconfined"}),
        lambda documents: container_of(documents)["ports"][0].update(hostPort=7000),
        lambda documents: container_of(documents, "Job").pop("securityContext"),
        lambda documents: pod_of(documents)["spec"].update(initContainers=[{"name": "init", "image": "i:1"}]),
    ),
    "hardened": (
        context(readOnlyRootFilesystem=False),
        pod(automountServiceAccountToken=True),
        pod(enableServiceLinks=True),
        pod(volumes=[{"name": "x", "emptyDir": {}}]),
    ),
    "no_rights": (more(kind="Role"), pod(serviceAccountName="redress")),
    "resolve": (
        gone("ConfigMap", "-intake"),
        pod(volumes=[{"name": "x", "secret": {"secretName": "nobody-made-it"}}]),
        pod(imagePullSecrets=[{"name": "nobody-made-it"}]),
    ),
    "secret_keys_are_known": (secret_key("intake-password"),),
    "hooks_stand_alone": (_hook_reads_config,),
    "settings_are_known": (
        variable("REDRESS_LOGLEVEL", "debug"),
        lambda documents: one(documents, "ConfigMap", "-intake")["data"].pop("REDRESS_TRUSTED_ISSUERS"),
    ),
    "settings_are_given_once": (variable("REDRESS_REPLICA", "again"),),
    "settings_parse": (config(REDRESS_LOG_LEVEL="loud"), config(REDRESS_TRUSTED_ISSUERS="not json")),
    "no_secret_in_the_open": (config(REDRESS_DSN=_HOSTILE), config(REDRESS_DB_PASSWORD="secret")),
    "ports_are_those_of_the_code": (config(REDRESS_OPS_BIND="[::]:7081"), config(REDRESS_GRPC_BIND="127.0.0.1:7000")),
    "services_find_each_other": (
        config(REDRESS_TRUSTED_ISSUERS=_ISSUERS),
        gone("Service", "-intake"),
        _other_grpc_port,
        spec("Service", "-intake", clusterIP="10.0.0.1"),
    ),
    "databases_are_verified": (
        config(REDRESS_DSN="postgresql://intake@db:5432/intake"),
        config(REDRESS_DSN="postgresql://intake@db:5432/intake?sslmode=verify-full&sslrootcert=/nowhere/ca.crt"),
    ),
    "files_are_mounted": (config(REDRESS_NATS_CA_FILE="/nowhere/ca.crt"),),
    "images_are_of_the_service": (container(image="registry.example/redress-capa:1"),),
    "provisioned_from_outside": (config(REDRESS_NATS_PROVISION="true"), config(REDRESS_NATS_INBOX_PREFIX="_INBOX")),
    "services_select_one_workload": (
        spec("Service", "-intake", selector={"app.kubernetes.io/name": "redress"}),
        spec("Service", "-intake", selector={"app": "nobody"}),
        without("ports"),
    ),
    "headless_ports_are_the_pods": (_other_grpc_port,),
    "workloads_select_their_own_pods": (_same_labels,),
    "budgets_leave_room": (
        spec("Deployment", "-intake", replicas=1),
        spec("PodDisruptionBudget", "-intake", maxUnavailable=0),
        spec("PodDisruptionBudget", "-intake", unhealthyPodEvictionPolicy="IfHealthyBudget"),
        spec("PodDisruptionBudget", "-intake", selector={"matchLabels": {"app": "nobody"}}),
    ),
    "one_hand_scales": (
        lambda documents: one(documents, "Deployment", "-intake")["spec"].pop("replicas"),
        lambda documents: documents.append(_scaler(one(documents, "Deployment", "-intake")["metadata"]["name"])),
    ),
    "autoscalers_have_targets": (
        lambda documents: documents.append(_scaler("nobody", minReplicas=1)),
        lambda documents: documents.append(_scaler(one(documents, "Deployment")["metadata"]["name"])),
    ),
    "doors_lead_to_services": (_path_to_another, more(kind="HTTPRoute", spec={"rules": []})),
    "spread_counts_own_pods": (_counts_others,),
    "new_before_old": (
        spec("Deployment", "-intake", strategy={"type": "Recreate"}),
        spec("Deployment", "-intake", strategy={"rollingUpdate": {"maxUnavailable": 1, "maxSurge": 1}}),
        spec("Deployment", "-intake", strategy={"rollingUpdate": {"maxUnavailable": 0, "maxSurge": 0}}),
    ),
    "time_to_leave": (pod(terminationGracePeriodSeconds=15), without("lifecycle")),
    "no_shell_to_stop": (container(lifecycle={"preStop": _SHELL}), container(livenessProbe=_SHELL)),
    "probes_tell_the_truth": (
        container(livenessProbe={"httpGet": {"path": "/readyz", "port": "ops"}}),
        without("readinessProbe"),
        without("startupProbe", "failureThreshold"),
    ),
    "every_standing_pod_is_probed": (without("livenessProbe"),),
    "resources_are_set": (without("resources"), without("resources", "limits")),
    "images_are_pinned": (
        container(image="registry.example:5000/redress-intake"),
        container(image="redress-intake:latest"),
    ),
    "jobs_end": (lambda documents: one(documents, "Job")["spec"].pop("activeDeadlineSeconds"),),
    "names_fit": (
        metadata("Service", name="s" * 64),
        metadata("Deployment", name="Upper"),
        lambda documents: documents.append(one(documents, "Service")),
    ),
    "label_values_fit": (_long_value,),
    "everything_is_labelled": (
        _unlabelled,
        metadata("Deployment", labels={}),
        lambda documents: one(documents, "Service")["metadata"]["labels"].update({"app.kubernetes.io/name": "x"}),
    ),
    "pods_say_their_component": (_without_component,),
    "one_namespace": (metadata("Service", namespace="default"), more(kind="Namespace")),
    "port_names_fit": (lambda documents: container_of(documents)["ports"][0].update(name="a-name-of-sixteen"),),
    "no_empty_values": (_null,),
}


def _scaler(target: str, **changes: Any) -> Document:
    wanted = {"scaleTargetRef": {"kind": "Deployment", "name": target}, **_HPA, **changes}
    return {"kind": "HorizontalPodAutoscaler", "metadata": {"name": "more"}, "spec": wanted}
