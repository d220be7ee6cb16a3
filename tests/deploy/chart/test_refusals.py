"""Values that cannot work are refused when they are rendered, with a sentence that says what to set."""

from typing import Any

import helm_python as helm
import pytest

from tests.deploy.chart.profiles import INGRESS, ROUTE, ci, minimal
from tests.deploy.chart.release import merged, render

_BOTH = {"hpa": {"enabled": True}, "keda": {"enabled": True, "serverAddress": "http://prometheus:9090"}}

# What is given over the minimal profile -> what the sentence must name.
REFUSED: dict[str, tuple[dict[str, Any], tuple[str, ...]]] = {
    "a number where a text belongs": ({"postgresql": {"host": 5}}, ("postgresql/host", "string")),
    "a text where a number belongs": ({"defaults": {"replicas": "two"}}, ("defaults/replicas", "integer")),
    "a negative number of replicas": ({"defaults": {"replicas": -1}}, ("defaults/replicas",)),
    "a port out of range": ({"smtp": {"host": "m", "port": 70000}}, ("smtp/port",)),
    "a text where a switch belongs": ({"ingress": {"enabled": "yes"}}, ("ingress/enabled", "boolean")),
    "a list where a map belongs": ({"services": {"intake": {"split": [True]}}}, ("services/intake/split",)),
    "a misspelt key at the top": ({"postgres": {"host": "x"}}, ("postgres",)),
    "a misspelt key of a section": ({"postgresql": {"hosts": "x"}}, ("postgresql", "hosts")),
    "a misspelt key of the defaults": ({"defaults": {"replica": 3}}, ("defaults", "replica")),
    "a misspelt key deep in the defaults": (
        {"defaults": {"autoscaling": {"hpa": {"enable": True}}}},
        ("autoscaling/hpa", "enable"),
    ),
    "a misspelt key of a service": ({"services": {"intake": {"replica": 3}}}, ("services/intake", "replica")),
    "a misspelt key of a service's database": (
        {"services": {"capa": {"database": {"pasword": "x"}}}},
        ("services/capa/database", "pasword"),
    ),
    "a misspelt key of a role": (
        {"services": {"capa": {"split": True, "worker": {"replica": 3}}}},
        ("services/capa/worker", "replica"),
    ),
    "a service that does not exist": ({"services": {"billing": {"enabled": True}}}, ("services", "billing")),
    "a password in values": ({"smtp": {"host": "m", "password": "secret"}}, ("smtp", "password")),
    "an sslMode that does not exist": ({"postgresql": {"sslMode": "verify"}}, ("postgresql/sslMode",)),
    "a mode of migrations that does not exist": ({"migrations": {"mode": "auto"}}, ("migrations/mode",)),
    "a setting without its prefix": (
        {"defaults": {"settings": {"LOG_LEVEL": "debug"}}},
        ("LOG_LEVEL", "REDRESS_"),
    ),
    "a partner with a name NATS cannot carry": (
        {"nats": {"partners": [{"name": "Acme Inc.", "types": ["redress.workflow.case.closed.v1"]}]}},
        ("nats/partners",),
    ),
    "credentials in the address of NATS": ({"nats": {"urls": ["user:password@nats:4222"]}}, ("nats",)),
    "recovering while services run": ({"recover": {"enabled": True}}, ("stopped: true",)),
    "no PostgreSQL": ({"postgresql": {"host": ""}}, ("postgresql.host",)),
    "no NATS": ({"nats": {"urls": []}}, ("nats.urls",)),
    "no Secret for anything": ({"secrets": {"existingSecret": ""}}, ("secrets.existingSecret",)),
    "no authority to verify PostgreSQL by": (
        {"postgresql": {"ca": {"existingSecret": ""}}},
        ("postgresql.ca",),
    ),
    "no authority to verify NATS by": ({"nats": {"tls": {"ca": {"existingSecret": ""}}}}, ("nats.tls.ca",)),
    "an unencrypted database": ({"postgresql": {"sslMode": "disable"}}, ("allowUnencrypted",)),
    "an authority both in a Secret and a ConfigMap": (
        {"postgresql": {"ca": {"existingSecret": "a", "existingConfigMap": "b"}}},
        ("postgresql.ca",),
    ),
    "two autoscalers": ({"defaults": {"autoscaling": _BOTH}}, ("hpa", "keda")),
    "two autoscalers of one service": ({"services": {"capa": {"autoscaling": _BOTH}}}, ("hpa", "keda", "capa")),
    "KEDA without anybody to ask": (
        {"defaults": {"autoscaling": {"keda": {"enabled": True, "scaler": "prometheus"}}}},
        ("serverAddress",),
    ),
    "KEDA without NATS' monitoring": (
        {"defaults": {"autoscaling": {"keda": {"enabled": True, "scaler": "nats-jetstream"}}}},
        ("monitoringEndpoint",),
    ),
    "an autoscaler that wants less than it may": (
        {"defaults": {"autoscaling": {"hpa": {"enabled": True, "minReplicas": 5, "maxReplicas": 2}}}},
        ("minReplicas", "maxReplicas"),
    ),
    "an autoscaler down to nothing": (
        {"defaults": {"autoscaling": {"hpa": {"enabled": True, "minReplicas": 0}}}},
        ("minReplicas",),
    ),
    "two doors": ({"ingress": INGRESS, "httpRoute": ROUTE}, ("ingress", "httpRoute")),
    "an ingress without a host": ({"ingress": {"enabled": True, "hosts": []}}, ("ingress.hosts",)),
    "a route without a parent": ({"httpRoute": {"enabled": True, "parentRefs": []}}, ("httpRoute.parentRefs",)),
    "a budget over one replica": ({"services": {"capa": {"replicas": 1}}}, ("pdb", "capa")),
    "too little time to leave": ({"defaults": {"terminationGracePeriodSeconds": 10}}, ("terminationGracePeriod",)),
    "one side of a split only": (
        {"services": {"capa": {"split": True, "worker": {"replicas": 3}}}},
        ("services.capa.api.replicas",),
    ),
    "a budget over one replica of a role": (
        {"services": {"capa": {"split": True, "worker": {"replicas": 1}, "api": {"replicas": 2}}}},
        ("pdb", "services.capa.worker"),
    ),
    "a secret among the settings": (
        {"services": {"gateway": {"settings": {"REDRESS_KEY_PEPPER": "0123456789abcdef"}}}},
        ("REDRESS_KEY_PEPPER", "Secret"),
    ),
    "a secret among the settings of a role": (
        {"services": {"capa": {"split": True, "worker": {"settings": {"REDRESS_DB_PASSWORD": "x"}}}}},
        ("REDRESS_DB_PASSWORD", "Secret"),
    ),
    "a budget over an autoscaler that may come down to one": (
        {"defaults": {"autoscaling": {"hpa": {"enabled": True, "minReplicas": 1}}}},
        ("pdb",),
    ),
    "lag that should scale the door": (
        {"services": {"gateway": {"autoscaling": {"keda": {"enabled": True, "serverAddress": "http://p:9090"}}}}},
        ("gateway", "hpa"),
    ),
    "roles of a service that is not split": ({"services": {"capa": {"worker": {"replicas": 3}}}}, ("split", "capa")),
    "a mail server without a sender": ({"smtp": {"host": "mail.example"}}, ("organisation.mailFrom",)),
    "mail with a password in the clear": (
        {"smtp": {"host": "m", "username": "u", "startTls": False}, "organisation": {"mailFrom": "a@b.example"}},
        ("startTls",),
    ),
    "an unknown time zone's shape": ({"organisation": {"timeZone": "Beijing time"}}, ("timeZone",)),
    "a public address without a scheme": ({"organisation": {"publicUrl": "complaints.example"}}, ("publicUrl",)),
    "definitions from nowhere": ({"definitions": {"enabled": True}}, ("definitions.existingConfigMap",)),
    "bundled servers and migrations before them": ({"dev": {"bundled": {"enabled": True}}}, ("migrations.mode",)),
    "bundled servers and provisioning before them": (
        {"dev": {"bundled": {"enabled": True}}, "migrations": {"mode": "job"}},
        ("nats.provision.mode",),
    ),
    "a test of what is off": (
        {"services": {"analytics": {"enabled": False}}},
        ("analytics", "tests.enabled"),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_values_that_cannot_work_are_refused_with_what_to_set(case: str) -> None:
    given, fragments = REFUSED[case]
    sentence = refusal(merged(ci("minimal"), given))
    assert [fragment for fragment in fragments if fragment not in sentence] == [], sentence


def refusal(values: dict[str, Any]) -> str:
    with pytest.raises((helm.HelmValuesError, helm.HelmRenderError)) as refused:
        render(values)
    return str(refused.value)


def test_a_parent_chart_may_put_anything_under_global() -> None:
    assert render(minimal(**{"global": {"imageRegistry": "mirror.example", "security": {"x": [1, None]}}})).documents


def test_nothing_at_all_is_refused_with_where_to_begin() -> None:
    assert "postgresql.host" in refusal({})
