"""What changes, and what does not, when a value, a name or a namespace does."""

import re
from collections.abc import Mapping

import pytest

from tests.deploy.chart.catalogue import CHECKS
from tests.deploy.chart.checks.metadata import named
from tests.deploy.chart.pods import Pod, pods, selects, standing
from tests.deploy.chart.profiles import PROFILES, minimal, release_of
from tests.deploy.chart.release import NAMESPACE, Release, render

_LONGEST = "a" + "-very-long-name-of-a-release-that-helm-still-takes-0"
# Between them they have every kind of object.
_MANIFOLD = ("all-on", "jobs")


def test_helm_takes_no_longer_name() -> None:
    assert len(_LONGEST) == 53


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert {p: render(PROFILES[p]()).texts for p in _MANIFOLD} == {p: release_of(p).texts for p in _MANIFOLD}


def test_only_the_secret_of_the_trial_is_made_anew() -> None:
    first, second = release_of("dev-bundled"), render(PROFILES["dev-bundled"]())
    differing = [named(a) for a, b in zip(first.documents, second.documents, strict=True) if a != b]
    assert {name.partition("/")[0] for name in differing} <= {"Secret"}


def test_the_longest_release_name_still_fits() -> None:
    wrong = [
        (profile, found)
        for profile in (*_MANIFOLD, "split", "dev-bundled")
        for check in ("names_fit", "label_values_fit", "port_names_fit", "services_find_each_other")
        for found in CHECKS[check](release_of(profile, _LONGEST))
    ]
    assert wrong == []


@pytest.mark.parametrize(
    ("profile", "one", "other"),
    [("split", "redress", "redress-intake"), ("jobs", "redress", "b"), ("dev-bundled", _LONGEST, f"{_LONGEST[:-1]}1")],
)
def test_two_releases_in_one_namespace_share_nothing(profile: str, one: str, other: str) -> None:
    """Also when their names differ only where names are cut."""
    assert collisions(release_of(profile, one), release_of(profile, other)) == []


def collisions(one: Release, other: Release) -> list[str]:
    shared = {named(d) for d in one.documents} & {named(d) for d in other.documents}
    theirs = pods(other)
    taken = [f"{pod.where} takes {p.where}" for pod in standing(one) for p in theirs if _fits(pod, p)]
    taken += [named(s) for s in one.of("Service") for p in theirs if _leads(s, p)]
    return [*sorted(shared), *taken]


def _fits(pod: Pod, other: Pod) -> bool:
    return selects(pod.owner["spec"]["selector"], other.labels)


def _leads(service: dict[str, object], pod: Pod) -> bool:
    return selects({"matchLabels": service["spec"]["selector"]}, pod.labels)  # type: ignore[index]


@pytest.mark.parametrize("profile", _MANIFOLD)
def test_no_namespace_is_written_into_a_template(profile: str) -> None:
    moved = render(PROFILES[profile](), namespace="other-place").texts
    back = {path: text.replace("other-place", NAMESPACE) for path, text in moved.items()}
    assert _hashless(back) == _hashless(release_of(profile).texts)


def _hashless(texts: Mapping[str, str]) -> dict[str, str]:
    """Names of Jobs and checksums tell the namespace apart, too."""
    return {path: re.sub(r"\b[0-9a-f]{8}([0-9a-f]{56})?\b", "hash", text) for path, text in texts.items()}


def checksums(release: Release) -> dict[str, str]:
    return {pod.where: pod.annotations["checksum/config"] for pod in standing(release) if "-dev-" not in pod.where}


def test_a_changed_setting_rolls_the_pods_that_read_it_and_no_others() -> None:
    before, after = release_of("minimal"), render(minimal(services={"capa": {"settings": {"REDRESS_POOL_SIZE": 9}}}))
    changed = {where for where, value in checksums(after).items() if checksums(before)[where] != value}
    assert changed == {"Deployment/redress-capa"}
