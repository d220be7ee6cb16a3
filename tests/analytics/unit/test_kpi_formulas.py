import json
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import pytest

from analytics.kpi import wilson
from analytics.kpi.bounded import OTHER, fold, largest
from analytics.kpi.catalogue import read_catalogue
from analytics.kpi.figures import Counted, figure
from analytics.kpi.windows import Window, window_of
from analytics.metrics import FAMILIES, BusinessFigures

CATALOGUE = read_catalogue(json.loads(files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8")))


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), table I, method 3 (Wilson without continuity correction).
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_gives_the_published_values(successes: int, n: int, low: float, high: float) -> None:
    assert wilson.interval(successes, n) == pytest.approx((low, high), abs=5e-5)


def test_no_observations_have_no_interval() -> None:
    assert wilson.interval(0, 0) is None


def test_a_full_house_still_has_a_lower_bound_below_one() -> None:
    low, high = wilson.interval(20, 20) or (None, None)
    assert low == pytest.approx(0.8389, abs=5e-5)
    assert high == 1.0


def test_a_duration_is_published_as_its_mean_with_its_quantiles() -> None:
    found = figure(CATALOGUE.kpis["mttr"], Counted("", 4, 400.0, 90.0, 160.0))
    assert (found.value, found.p50, found.p90, found.n, found.numerator) == (100.0, 90.0, 160.0, 4, None)


def test_a_ratio_is_published_with_numerator_denominator_and_interval() -> None:
    found = figure(CATALOGUE.kpis["repeat_rate"], Counted("", 263, 81.0, pending=3))
    assert (found.value, found.numerator, found.denominator, found.pending) == (81 / 263, 81.0, 263.0, 3)
    assert (found.ci_low, found.ci_high) == pytest.approx((0.2553, 0.3662), abs=5e-5)


def test_the_mean_and_the_share_of_nothing_do_not_exist_but_their_count_is_nought() -> None:
    assert figure(CATALOGUE.kpis["mttr"], Counted("", 0, 0.0)).value is None
    assert figure(CATALOGUE.kpis["fcr_net"], Counted("", 0, 0.0)).value is None
    assert figure(CATALOGUE.kpis["received"], Counted("", 0, 0.0)).value == 0.0


def test_windows_roll_and_all_time_is_open() -> None:
    now = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
    assert window_of("all", now) == Window()
    assert window_of("7d", now) == Window(now - timedelta(days=7), now)


def test_every_kpi_says_what_it_is_in_two_languages() -> None:
    for definition in CATALOGUE.kpis.values():
        assert set(definition.label) == {"zh", "en"}
        assert all((*definition.label.values(), definition.formula, definition.source, definition.concluding_event))
        assert definition.measures


def test_a_kpi_says_what_its_pending_counts_exactly_when_it_has_one() -> None:
    for definition in CATALOGUE.kpis.values():
        counts_pending = any(measure.pending != "false" for measure in definition.measures)
        assert counts_pending == bool(definition.pending), definition.key


def test_panels_and_companions_name_figures_of_the_catalogue() -> None:
    known = CATALOGUE.kpis.keys()
    for panel in CATALOGUE.panels.values():
        assert set(panel.label) == {"zh", "en"}
        assert set(panel.keys) <= known, panel.key
    for definition in CATALOGUE.kpis.values():
        assert set(definition.beside) <= known - {definition.key}, definition.key


def test_a_change_says_what_it_compares_with_and_asks_the_same_question() -> None:
    changes = [definition for definition in CATALOGUE.kpis.values() if definition.kind == "change"]
    assert [definition.key for definition in changes] == ["csat_change"]
    assert changes[0].baseline_days > 0
    assert changes[0].measures == CATALOGUE.kpis["csat"].measures


def test_further_names_are_added_up_as_other() -> None:
    counts = {(f"stage{n:02}", "urgent"): float(n) for n in range(1, 11)}
    folded = fold(counts, 3)
    assert folded == {
        ("stage10", "urgent"): 10.0,
        ("stage09", "urgent"): 9.0,
        ("stage08", "urgent"): 8.0,
        (OTHER, "urgent"): 28.0,
    }


def test_equal_totals_are_kept_by_name_so_that_replicas_agree() -> None:
    assert largest([("b", 1), ("a", 1), ("c", 1)], 2) == {"a", "b"}


def test_no_gauge_has_a_label_with_a_complaint_a_customer_or_a_product() -> None:
    labels = {label for _, names in FAMILIES.values() for label in names}
    assert labels == {
        *("kpi", "clock", "window", "profile", "dimension", "quantile", "bound"),
        *("stage", "grade", "outcome", "path"),
    }


def test_before_the_first_refresh_no_figure_is_shown() -> None:
    assert all(not family.samples for family in BusinessFigures().collect())
