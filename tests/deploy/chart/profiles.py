"""The ways an installation can look: the chart's own profiles (ci/) and one for each choice an operator has."""

from collections.abc import Mapping
from functools import cache
from typing import Any

import yaml

from tests.deploy.chart.release import CHART, NAME, Release, Values, merged, render

SERVICES = ("intake", "workflow", "capa", "notify", "analytics", "gateway")


@cache
def ci(name: str) -> Values:
    found: Values = yaml.safe_load((CHART / f"ci/{name}-values.yaml").read_text())
    return found


def minimal(**more: Any) -> Values:
    """The least that must be said, and what is given here."""
    return merged(ci("minimal"), more)


def everywhere(**changes: Any) -> Values:
    return dict.fromkeys(SERVICES, changes)


_MAIL = {"organisation": {"mailFrom": "Redress <no-reply@company.example>", "publicUrl": "https://complaints.example"}}
_SMTP = {"smtp": {"host": "mail.example", "username": "redress", "ca": {"existingConfigMap": "mail-ca"}}, **_MAIL}
_FILES: Values = {
    "objects": {"url": "s3://complaints", "endpoint": "https://store.example:9000", "port": 9000},
    "virusScan": {"host": "clamd.example"},
}
INGRESS: Values = {
    "enabled": True,
    "hosts": [{"host": "complaints.example", "paths": [{"path": "/", "pathType": "Prefix"}]}],
}
_TLS = {"tls": [{"secretName": "complaints-tls", "hosts": ["complaints.example"]}]}
ROUTE: Values = {
    "enabled": True,
    "parentRefs": [{"name": "public", "namespace": "gateways"}],
    "hostnames": ["c.example"],
}
_NATS_LAG = {"enabled": True, "scaler": "nats-jetstream"}
_PROMETHEUS_LAG = {"enabled": True, "scaler": "prometheus", "serverAddress": "http://prometheus.monitoring.svc:9090"}
LOCKED: Values = {
    "postgresql": {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "databases"}}}]},
    "nats": {"to": [{"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "nats"}}}]},
    "smtp": {"to": [{"ipBlock": {"cidr": "198.51.100.7/32"}}]},
    "objects": {"to": [{"ipBlock": {"cidr": "198.51.100.8/32"}}]},
    "virusScan": {"to": [{"ipBlock": {"cidr": "198.51.100.9/32"}}]},
    "mailboxes": {"enabled": True, "to": [{"ipBlock": {"cidr": "198.51.100.10/32"}}]},
}
_TYPE = "redress.workflow.case.closed.v1"
_EXTRA: Mapping[str, Any] = {
    "commonLabels": {"team": "quality"},
    "commonAnnotations": {"company.example/owner": "quality"},
    "imagePullSecrets": [{"name": "registry"}],
    "global": {"imageRegistry": "mirror.example", "anything": [1]},
    "customCa": {"existingConfigMap": "company-ca"},
    "defaults": {
        "priorityClassName": "business",
        "podLabels": {"cost": "42"},
        "podAnnotations": {"note": "here"},
        "extraEnv": [{"name": "TZ", "value": "Asia/Shanghai"}],
        "extraVolumes": [{"name": "extra", "configMap": {"name": "more"}}],
        "extraVolumeMounts": [{"name": "extra", "mountPath": "/extra"}],
        "settings": {"REDRESS_LOG_LEVEL": "debug"},
    },
    "extraObjects": [],
}

PROFILES: Mapping[str, Any] = {
    "minimal": lambda: ci("minimal"),
    "ha": lambda: ci("ha"),
    "gitops": lambda: ci("gitops"),
    "dev-bundled": lambda: ci("dev-bundled"),
    "all-on": lambda: ci("all-on"),
    "sound": lambda: merged(minimal(**_SMTP), {"ingress": {**INGRESS, **_TLS}}),
    "split": lambda: minimal(services=everywhere(split=True), **_SMTP),
    "hpa": lambda: minimal(defaults={"autoscaling": {"hpa": {"enabled": True}}}),
    "keda-nats": lambda: minimal(
        defaults={"autoscaling": {"keda": _NATS_LAG}}, nats={"monitoringEndpoint": "nats.nats.svc:8222"}
    ),
    "keda-split": lambda: minimal(defaults={"autoscaling": {"keda": _PROMETHEUS_LAG}}, services=everywhere(split=True)),
    "http-route": lambda: minimal(httpRoute=ROUTE),
    "open-network": lambda: minimal(networkPolicy={"enabled": False}),
    "locked-network": lambda: minimal(networkPolicy=LOCKED, **_SMTP, **_FILES),
    "locked-split": lambda: minimal(networkPolicy=LOCKED, services=everywhere(split=True), **_SMTP, **_FILES),
    "extras": lambda: minimal(**_EXTRA),
    "jobs": lambda: minimal(
        migrations={"mode": "job"},
        nats={"provision": {"mode": "job"}, "partners": [{"name": "acme", "types": [_TYPE]}]},
        definitions={"enabled": True, "mode": "job", "existingConfigMap": "definitions"},
    ),
    "stopped": lambda: minimal(stopped=True, defaults={"autoscaling": {"keda": _PROMETHEUS_LAG}}),
    "restored": lambda: minimal(stopped=True, recover={"enabled": True, "skipNumbers": 20000}),
    "by-hand": lambda: minimal(
        migrations={"mode": "none", "upkeep": {"enabled": False}},
        nats={"provision": {"mode": "none"}},
        tests={"enabled": False},
        defaults={"replicas": 1, "pdb": {"enabled": False}},
    ),
    "pooled": lambda: minimal(
        postgresql={"directHost": "primary.databases.svc", "directPort": 5433, "ca": {"system": True}},
        listenHost="0.0.0.0",  # noqa: S104
        namespaceOverride="elsewhere",
        services={"intake": {"image": {"digest": f"sha256:{'a' * 64}"}}, "capa": {"replicas": 4}},
    ),
}


@cache
def release_of(profile: str, name: str = NAME) -> Release:
    """Rendered once a run, which takes a third of a second; checks do not change it."""
    return render(PROFILES[profile](), name=name)
