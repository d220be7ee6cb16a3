"""What holds for every way the chart can be installed; and proof that each of these checks can fail."""

import pytest

from tests.deploy.chart.catalogue import CHECKS
from tests.deploy.chart.profiles import PROFILES, release_of
from tests.deploy.chart.sabotage import SABOTAGE, Spoil

_WAYS = [(check, spoil) for check, ways in SABOTAGE.items() for spoil in ways]


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("check", CHECKS)
def test_every_profile_keeps_every_invariant(check: str, profile: str) -> None:
    assert list(CHECKS[check](release_of(profile))) == []


def test_every_invariant_has_been_seen_to_fail() -> None:
    assert SABOTAGE.keys() == CHECKS.keys()


@pytest.mark.parametrize(("check", "spoil"), _WAYS, ids=[f"{check}-{n}" for n, (check, _) in enumerate(_WAYS)])
def test_a_spoilt_release_is_noticed(check: str, spoil: Spoil) -> None:
    spoilt = release_of("sound").changed(spoil)
    assert list(CHECKS[check](spoilt)) != []
