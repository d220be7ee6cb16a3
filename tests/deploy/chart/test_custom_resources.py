"""ServiceMonitor, PrometheusRule, ScaledObject and HTTPRoute as their operators' own schemas describe them."""

import copy

import pytest

from tests.deploy.chart import custom_resources
from tests.deploy.chart.profiles import PROFILES, release_of
from tests.deploy.chart.release import Document

KINDS = {"ServiceMonitor", "PrometheusRule", "ScaledObject", "HTTPRoute"}


@pytest.fixture(scope="module")
def rendered() -> list[Document]:
    try:
        custom_resources.install()
    except custom_resources.NoSchemas as reason:
        pytest.skip(f"custom resources are not checked: {reason}")
    found = {repr(d): d for p in PROFILES for d in release_of(p).documents if custom_resources.is_custom(d)}
    return list(found.values())


def test_every_custom_resource_is_taken_and_each_kind_occurs(rendered: list[Document]) -> None:
    assert {document["kind"] for document in rendered} == KINDS
    wrong = custom_resources.complaints(rendered)
    assert [f"{d['kind']}: {found}" for d, found in zip(rendered, wrong, strict=True) if found] == []


def test_a_wrong_type_and_an_unknown_field_are_refused(rendered: list[Document]) -> None:
    first = {document["kind"]: copy.deepcopy(document) for document in rendered}
    first["ScaledObject"]["spec"]["triggers"][0]["metadata"]["threshold"] = 5
    first["PrometheusRule"]["spec"]["groups"][0]["intervall"] = "1m"
    first["ServiceMonitor"]["spec"]["endpoints"][0]["interval"] = "30 sec"
    first["HTTPRoute"]["spec"]["rules"][0]["backendRefs"][0]["prot"] = 8080
    assert all(custom_resources.complaints(list(first.values())))
