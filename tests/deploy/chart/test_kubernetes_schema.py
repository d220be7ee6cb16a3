"""The API servers that the chart supports would take every object, unknown fields refused."""

import re

import pytest

from tests.deploy.chart import kubernetes_schema
from tests.deploy.chart.custom_resources import is_custom
from tests.deploy.chart.profiles import PROFILES, release_of
from tests.deploy.chart.release import Document, chart

_OLDEST = re.findall(r"\d+\.\d+", chart().metadata["kubeVersion"])[0]
VERSIONS = (_OLDEST, "1.34", kubernetes_schema.newest())


def test_the_newest_supported_version_is_covered() -> None:
    newest = tuple(map(int, kubernetes_schema.newest().split(".")))
    assert newest >= (1, 36)


def every_object() -> list[Document]:
    """Of all profiles, each once."""
    found = {repr(d): d for profile in PROFILES for d in release_of(profile).documents if not is_custom(d)}
    return list(found.values())


@pytest.mark.parametrize("version", VERSIONS)
def test_every_object_of_every_profile_is_taken(version: str) -> None:
    assert [wrong for d in every_object() for wrong in kubernetes_schema.complaints(d, version)] == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_misspelt_field_is_refused(version: str) -> None:
    deployment = next(d for d in every_object() if d["kind"] == "Deployment")
    spoilt = {**deployment, "spec": {**deployment["spec"], "minReadySecond": 5}}
    assert "minReadySecond" in kubernetes_schema.complaints(spoilt, version)[0]
