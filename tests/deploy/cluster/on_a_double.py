"""The same tests without a cluster: to see that they work before they meet one."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import yaml

from stack.services import ALL_SERVICES
from tests.deploy.cluster.settings import CHART, app_version
from tests.deploy.double.bundled import nats_image, postgres_image
from tests.deploy.double.cluster import Double
from tests.deploy.double.images import python_image, redress_images
from tests.deploy.double.requirements import missing

_CLASS = {
    "apiVersion": "storage.k8s.io/v1",
    "kind": "StorageClass",
    "metadata": {"name": "standard", "annotations": {"storageclass.kubernetes.io/is-default-class": "true"}},
}


@contextmanager
def double() -> Iterator[Path]:
    if reason := missing():
        pytest.skip(reason)
    images = redress_images((*ALL_SERVICES, "ctl"), app_version(), python_image())
    bundled = yaml.safe_load((CHART / "values.yaml").read_text())["dev"]["bundled"]
    images.add(bundled["postgresql"]["image"], postgres_image())
    images.add(bundled["nats"]["image"], nats_image())
    with Double(images, {}) as running:
        running.do(lambda store: store.put(dict(_CLASS)))
        yield running.kubeconfig
