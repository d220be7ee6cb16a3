from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from math import exp
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from capa.domain.capa import EffectivenessPlan
from capa.domain.effectiveness import Finding, check, expected_events, poisson_at_most, verdict_of
from capa.domain.rules import Exposure
from chassis.errors import Conflict, Forbidden, Invalid

LIMITS = Exposure(minimum_expected=3.0, alpha=0.05, max_extensions=2)
AT = datetime(2026, 11, 22, tzinfo=UTC)
Make = Callable[..., Any]

rates = st.floats(min_value=0.01, max_value=1e4)
shares = st.floats(min_value=0.001, max_value=1.0)
exposures = st.floats(min_value=0.01, max_value=100)
days = st.integers(min_value=1, max_value=730)


def plan(method: str, baseline: float, target: float = 0.0, **fields: Any) -> EffectivenessPlan:
    given: dict[str, Any] = {"metric": "m", "baseline_period": "Q3", "window_days": 30, "minimum_exposure": 1e-9}
    given |= {"checker": "carla", "set_by": "anna", "set_at": AT}
    return EffectivenessPlan(method=method, baseline=baseline, target=target, **(given | fields))  # type: ignore[arg-type]


@given(rates, days, exposures)
def test_zero_recurrences_prove_nothing_below_three_expected(baseline: float, window: int, exposure: float) -> None:
    verdict, expected = verdict_of(plan("recurrence", baseline), Finding(0, exposure, ""), window, LIMITS)
    assert expected == pytest.approx(baseline * window / 30 * exposure)
    assert verdict == ("effective" if expected >= 3 else "insufficient_exposure")


@given(shares, st.integers(min_value=1, max_value=100_000))
def test_a_test_without_failures_needs_units_for_three_expected(baseline: float, units: int) -> None:
    verdict, expected = verdict_of(plan("verification_test", baseline), Finding(0, units, ""), 0, LIMITS)
    assert expected == pytest.approx(baseline * units)
    assert verdict == ("effective" if expected >= 3 else "insufficient_exposure")


@given(rates, days, exposures, st.integers(min_value=1, max_value=50), st.integers(min_value=0, max_value=49))
def test_more_than_the_target_is_never_effective(
    baseline: float, window: int, exposure: float, observed: int, target: int
) -> None:
    verdict, _ = verdict_of(plan("recurrence", baseline, target), Finding(observed, exposure, ""), window, LIMITS)
    assert (verdict == "not_effective") == (observed > target)


@given(rates, days, exposures, st.integers(min_value=0, max_value=20))
def test_effective_means_that_chance_explains_it_in_one_of_twenty_at_most(
    baseline: float, window: int, exposure: float, observed: int
) -> None:
    found = Finding(observed, exposure, "")
    verdict, expected = verdict_of(plan("recurrence", baseline, 20), found, window, LIMITS)
    if verdict == "effective":
        assert expected >= 3
        assert poisson_at_most(observed, expected) <= 0.05


@given(rates, days, exposures, st.integers(min_value=0, max_value=20))
def test_more_exposure_never_takes_a_verdict_back(baseline: float, window: int, exposure: float, observed: int) -> None:
    criterion = plan("recurrence", baseline, 20)
    first, _ = verdict_of(criterion, Finding(observed, exposure, ""), window, LIMITS)
    second, _ = verdict_of(criterion, Finding(observed, exposure * 2, ""), window, LIMITS)
    assert (first, second) != ("effective", "insufficient_exposure")


def test_less_than_the_minimum_exposure_is_insufficient_whatever_was_expected() -> None:
    criterion = plan("verification_test", 0.5, minimum_exposure=30)
    assert verdict_of(criterion, Finding(0, 29, ""), 0, LIMITS)[0] == "insufficient_exposure"
    assert verdict_of(criterion, Finding(0, 30, ""), 0, LIMITS)[0] == "effective"


def test_one_failure_among_few_units_is_no_proof_though_it_meets_the_target() -> None:
    criterion = plan("verification_test", 0.3, target=0.1)
    assert verdict_of(criterion, Finding(1, 10, ""), 0, LIMITS)[0] == "insufficient_exposure"
    assert verdict_of(criterion, Finding(1, 20, ""), 0, LIMITS)[0] == "effective"


@pytest.mark.parametrize(
    ("count", "expected", "probability"),
    [(0, 3, exp(-3)), (1, 4.744, 0.05), (2, 6.296, 0.05), (3, 7.754, 0.05), (10, 1e6, 0.0), (1000, 3.0, 1.0)],
)
def test_the_poisson_sum_meets_the_tables(count: int, expected: float, probability: float) -> None:
    assert poisson_at_most(count, expected) == pytest.approx(probability, abs=5e-5)


def test_a_large_count_costs_no_time_and_no_underflow() -> None:
    assert poisson_at_most(1_000_000, 1_000_000) == pytest.approx(0.5, abs=0.001)
    assert poisson_at_most(10**12, 5.0) == 1.0


def test_the_expected_events_of_an_extended_window_count_its_whole_length(make_plan: Make) -> None:
    assert expected_events(make_plan(baseline=1.5), exposure=1.0, window_days=60) == 3.0


def judged(capa: Any, finding: Finding, by: str = "carla", *, quality: bool = False, now: datetime) -> Any:
    return check(capa, finding, by, quality=quality, limits=LIMITS, now=now)


def test_the_window_is_over_to_the_minute(make_capa: Make, now: datetime) -> None:
    capa = make_capa("verifying", implemented_at=now)
    ends = now + timedelta(days=30)
    with pytest.raises(Conflict, match="2026-12-22T09:00:00"):
        judged(capa, Finding(0, 1, ""), now=ends - timedelta(minutes=1))
    assert judged(capa, Finding(0, 1, ""), now=ends).verdict == "effective"


def test_an_extension_moves_the_end_by_the_window(make_capa: Make, now: datetime) -> None:
    capa = make_capa("insufficient_exposure", implemented_at=now, window_extensions=1)
    with pytest.raises(Conflict):
        judged(capa, Finding(0, 1, ""), now=now + timedelta(days=59))
    assert judged(capa, Finding(0, 0.9, ""), now=now + timedelta(days=60)).expected == pytest.approx(10.8)


def test_only_the_checker_or_quality_judges_and_no_owner_does(make_capa: Make, now: datetime) -> None:
    capa = make_capa("verifying")
    assert judged(capa, Finding(0, 1, ""), "quinn", quality=True, now=now).by == "quinn"
    for by, quality in (("quinn", False), ("otto", True)):
        with pytest.raises(Forbidden):
            judged(capa, Finding(0, 1, ""), by, quality=quality, now=now)


@pytest.mark.parametrize(
    ("observed", "exposure"), [(-1, 1), (0.5, 1), (float("nan"), 1), (float("inf"), 1), (0, 0), (0, float("inf"))]
)
def test_a_finding_that_is_no_count_is_refused(
    make_capa: Make, now: datetime, observed: float, exposure: float
) -> None:
    with pytest.raises(Invalid):
        judged(make_capa("verifying"), Finding(observed, exposure, ""), now=now)


def test_more_failures_than_units_are_refused(make_capa: Make, make_plan: Make, now: datetime) -> None:
    criterion = make_plan(method="verification_test", baseline=0.3, window_days=0)
    with pytest.raises(Invalid):
        judged(make_capa("verifying", plan=criterion), Finding(11, 10, ""), now=now)


@pytest.mark.parametrize("finding", [Finding(0, 1, "n", "effective"), Finding(1, 1, "n", "effective")])
def test_nobody_decides_against_what_the_figures_say(make_capa: Make, now: datetime, finding: Finding) -> None:
    capa = make_capa("insufficient_exposure", window_extensions=2, implemented_at=now - timedelta(days=90))
    with pytest.raises(Conflict) as refused:
        judged(capa, finding, now=now)
    assert refused.value.slug == "decision_not_open"
