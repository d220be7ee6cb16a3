"""What operators say in values has the effect they expect of it."""

from typing import Any

import yaml

from tests.deploy.chart.checks.metadata import named
from tests.deploy.chart.checks.references import hooks_of
from tests.deploy.chart.environment import environment
from tests.deploy.chart.pods import pods, standing
from tests.deploy.chart.profiles import minimal, release_of
from tests.deploy.chart.release import CHART, merged, render


def test_a_service_says_no_zero_and_nothing_over_the_defaults() -> None:
    """Merging functions of template languages like to take false, 0 and empty texts for "not said"."""
    off = {"preStopSeconds": 3, "farewellSeconds": 0, "pdb": {"enabled": False}, "topologySpread": [], "replicas": 1}
    release = render(minimal(services={"capa": off}, defaults={"settings": {"REDRESS_POOL_SIZE": 9}}))
    pod = next(pod for pod in standing(release) if pod.component == "capa")
    assert release.find("PodDisruptionBudget", "redress-capa") is None
    assert "topologySpreadConstraints" not in pod.spec
    assert environment(release, pod, pod.containers[0])["REDRESS_FAREWELL_SECONDS"] == "0"
    assert environment(release, pod, pod.containers[0])["REDRESS_POOL_SIZE"] == "9"


def test_what_is_said_of_a_role_reaches_that_role_alone() -> None:
    apart: dict[str, Any] = {
        "split": True,
        "worker": {"replicas": 3, "settings": {"REDRESS_POOL_SIZE": 9}},
        "api": {"replicas": 2, "drainSeconds": 20},
    }
    release = render(minimal(services={"capa": apart}))
    seen = {
        pod.where.removeprefix("Deployment/redress-capa-"): environment(release, pod, pod.containers[0])
        for pod in standing(release)
        if pod.component == "capa"
    }
    assert [seen[role].get("REDRESS_POOL_SIZE") for role in ("worker", "api")] == ["9", None]
    assert [seen[role]["REDRESS_DRAIN_SECONDS"] for role in ("worker", "api")] == ["10", "20"]


def test_images_say_registry_service_and_version() -> None:
    found = {pod.component: pod.containers[0]["image"] for pod in standing(release_of("minimal"))}
    version = yaml.safe_load((CHART / "Chart.yaml").read_text())["appVersion"]
    assert found == {service: f"redress-{service}:{version}" for service in found}
    assert next(iter(standing(release_of("extras")))).containers[0]["image"].startswith("mirror.example/redress-")
    pooled = next(pod for pod in standing(release_of("pooled")) if pod.component == "intake")
    assert pooled.containers[0]["image"] == f"redress-intake@sha256:{'a' * 64}"


def test_a_profile_for_gitops_has_no_hooks() -> None:
    hooks = {named(d): hooks_of(d) for d in release_of("gitops").documents if hooks_of(d)}
    assert {kind for found in hooks.values() for kind in found} <= {"test"}


def test_common_labels_and_annotations_stand_on_everything() -> None:
    release = release_of("extras")
    bare = [named(d) for d in release.documents if d["metadata"].get("labels", {}).get("team") != "quality"]
    bare += [named(d) for d in release.documents if "company.example/owner" not in d["metadata"].get("annotations", {})]
    bare += [pod.where for pod in pods(release) if pod.labels.get("team") != "quality"]
    assert bare == []


def test_what_the_operator_adds_reaches_every_service_pod() -> None:
    for pod in standing(release_of("extras")):
        names = {variable["name"] for variable in pod.containers[0]["env"]}
        mounts = {mount["mountPath"] for mount in pod.containers[0]["volumeMounts"]}
        assert {"TZ", "SSL_CERT_FILE"} <= names, pod.where
        assert "/extra" in mounts, pod.where
        assert (pod.spec["priorityClassName"], pod.labels["cost"]) == ("business", "42"), pod.where
        assert pod.spec["imagePullSecrets"] == [{"name": "registry"}], pod.where


def test_more_objects_are_rendered_as_templates() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: {{ .Release.Name }}-more\n"
    given = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "{{ .Release.Name }}-map"}}
    release = render(merged(minimal(), {"extraObjects": [text, given]}))
    assert release.find("ConfigMap", "redress-more")
    assert release.find("ConfigMap", "redress-map")
