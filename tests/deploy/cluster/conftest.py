"""A cluster to install into: the one that REDRESS_E2E_KUBECONFIG names, or with REDRESS_E2E_DOUBLE=1 its double."""

import secrets
import warnings
from collections.abc import Iterator
from pathlib import Path

import helm_python as helm
import pytest

from tests.deploy.cluster.installation import RELEASE, Installation
from tests.deploy.cluster.kube import Kube, until
from tests.deploy.cluster.settings import CHART, Settings, said

_DEFAULT_CLASS = "storageclass.kubernetes.io/is-default-class"


@pytest.fixture(scope="package")
def settings() -> Iterator[Settings]:
    if path := said("KUBECONFIG"):
        yield Settings.from_environment(Path(path))
    elif said("DOUBLE"):
        from tests.deploy.cluster.on_a_double import double

        with double() as kubeconfig:
            yield Settings.from_environment(kubeconfig)
    else:
        pytest.skip("set REDRESS_E2E_KUBECONFIG to test on a cluster (tests/deploy/cluster/README.md)")


@pytest.fixture(scope="package")
def installed(settings: Settings) -> Iterator[Installation]:
    """A namespace of its own, and the chart in it: the previous one where there is one."""
    kube = Kube(settings.kubeconfig, f"redress-e2e-{secrets.token_hex(3)}")
    _make_namespace(kube)
    try:
        with helm.Config(kubeconfig_path=str(settings.kubeconfig), namespace=kube.namespace) as config:
            found = Installation(settings, kube, config, persistent=_has_default_storage(kube))
            chart, tag = settings.previous_chart or str(CHART), settings.previous_tag
            config.install(chart, RELEASE, found.values(tag=tag), wait="watcher", timeout=settings.timeout_s)
            yield found
    finally:
        kube.call("DELETE", f"/api/v1/namespaces/{kube.namespace}")


def _make_namespace(kube: Kube) -> None:
    labels = {f"pod-security.kubernetes.io/{mode}": "restricted" for mode in ("enforce", "warn", "audit")}
    meta = {"name": kube.namespace, "labels": labels}
    kube.call("POST", "/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace", "metadata": meta})
    until(lambda: kube.call("GET", f"/api/v1/namespaces/{kube.namespace}"), "the namespace", 30)


def _has_default_storage(kube: Kube) -> bool:
    classes = kube.call("GET", "/apis/storage.k8s.io/v1/storageclasses")["items"]
    if any((one["metadata"].get("annotations") or {}).get(_DEFAULT_CLASS) == "true" for one in classes):
        return True
    warnings.warn("no default StorageClass: bundled servers keep nothing, so their pods are not killed", stacklevel=1)
    return False
