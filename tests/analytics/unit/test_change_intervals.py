import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from analytics.kpi.catalogue import read_catalogue
from analytics.kpi.dimensions import complete
from analytics.kpi.figures import Baseline, Counted, figure
from analytics.kpi.newcombe import Share, change
from analytics.kpi.windows import Window, baseline_before

CATALOGUE = read_catalogue(json.loads(files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8")))

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
MONTH = Window(NOW - timedelta(days=30), NOW)


@pytest.mark.parametrize(
    ("now", "before", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table II, method 10.
    [
        (Share(56, 70), Share(48, 80), 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), -0.1611, 0.2775),
        (Share(0, 10), Share(0, 10), -0.2775, 0.2775),
        (Share(10, 10), Share(0, 20), 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 0.6075, 1.0),
    ],
)
def test_newcombe_interval_gives_the_published_values(now: Share, before: Share, low: float, high: float) -> None:
    found = change(now, before)
    assert found is not None
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_the_interval_of_the_reverse_change_is_its_mirror_image() -> None:
    there, back = change(Share(56, 70), Share(48, 80)), change(Share(48, 80), Share(56, 70))
    assert there is not None
    assert back is not None
    assert (back.low, back.high) == pytest.approx((-there.high, -there.low))


@pytest.mark.parametrize(("now", "said"), [(Share(56, 70), True), (Share(45, 70), False), (Share(20, 70), True)])
def test_a_change_is_significant_only_when_its_interval_leaves_out_nought(now: Share, said: bool) -> None:
    found = change(now, Share(48, 80))
    assert found is not None
    assert found.significant is said


def test_without_answers_in_both_periods_there_is_no_change() -> None:
    assert change(Share(0, 0), Share(3, 4)) is None
    assert change(Share(3, 4), Share(0, 0)) is None


def test_a_change_is_published_in_percentage_points_with_what_it_compares() -> None:
    before = Baseline(Window(NOW - timedelta(days=120), MONTH.start), Counted("process", 80, 48.0))
    found = figure(CATALOGUE.kpis["csat_change"], Counted("process", 70, 56.0), before)
    assert found.value == pytest.approx(20.0)
    assert (found.ci_low, found.ci_high) == pytest.approx((5.24, 33.39), abs=5e-3)
    assert (found.n, found.numerator, found.baseline_n, found.baseline_value) == (70, 56.0, 80, 0.6)
    assert (found.significant, found.baseline_to) == (True, MONTH.start)


def test_a_change_from_nothing_names_its_baseline_and_claims_no_value() -> None:
    before = Baseline(Window(None, MONTH.start), Counted("process", 0, 0.0))
    found = figure(CATALOGUE.kpis["csat_change"], Counted("process", 70, 56.0), before)
    assert (found.n, found.baseline_n, found.value, found.significant) == (70, 0, None, None)


def test_the_default_baseline_ends_where_the_period_starts() -> None:
    assert baseline_before(MONTH, 90) == Window(NOW - timedelta(days=120), NOW - timedelta(days=30))
    assert baseline_before(Window(None, NOW), 90) is None


@pytest.mark.parametrize(
    ("other", "said"),
    [
        (Window(None, MONTH.start), False),
        (Window(NOW, None), False),
        (Window(None, NOW), True),
        (Window(NOW - timedelta(days=40), NOW - timedelta(days=29)), True),
        (Window(), True),
    ],
)
def test_periods_that_only_touch_do_not_overlap(other: Window, said: bool) -> None:
    assert MONTH.overlaps(other) is said
    assert other.overlaps(MONTH) is said


def test_every_part_is_shown_for_each_head_that_is_there() -> None:
    counted = [Counted("EUR/b", 1, 3.0), Counted("CNY/a", 2, 5.0)]
    shown = complete(counted, ["a", "b"])
    assert [(one.dimension, one.n) for one in shown] == [("CNY/a", 2), ("CNY/b", 0), ("EUR/a", 0), ("EUR/b", 1)]
    assert complete(counted, []) == sorted(counted, key=lambda one: one.dimension)
