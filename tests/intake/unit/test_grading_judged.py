"""Kappa, samples, accuracy and a back-test's sums, against figures from elsewhere where there are any."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given as for_all
from hypothesis import strategies as st

from intake.domain.grading import Graded
from intake.domain.grading_work.accuracy import Figure
from intake.domain.grading_work.agreement import kappa, matrix_of, observed_share
from intake.domain.grading_work.neighbours import Neighbours
from intake.domain.grading_work.replay import Judged, Sums
from intake.domain.grading_work.sampling import allotted, assigned
from intake.domain.rates import RateThreshold
from intake.domain.repeats import Windows

PSYCHIATRISTS = [[75, 1, 4], [5, 4, 1], [0, 0, 10]]
"""Fleiss, Statistical Methods for Rates and Proportions, table 18.1: kappa 0.68, standard error 0.087."""
TODAY = datetime(2026, 11, 20, 12, tzinfo=UTC)
COUNTS = st.integers(0, 40)
MATRICES = st.integers(2, 4).flatmap(
    lambda k: st.lists(st.lists(COUNTS, min_size=k, max_size=k), min_size=k, max_size=k)
)


def test_kappa_is_that_of_the_textbook() -> None:
    found = kappa(PSYCHIATRISTS)
    assert found is not None
    assert found.value == pytest.approx(0.676, abs=5e-4)
    assert found.standard_error == pytest.approx(0.0877, abs=2e-4)
    low, high = found.interval
    assert low == pytest.approx(0.504, abs=1e-3)
    assert high == pytest.approx(0.848, abs=1e-3)


def test_weighted_kappa_forgives_a_step_more_than_a_leap() -> None:
    step, leap = [[20, 5, 0], [5, 20, 0], [0, 0, 20]], [[20, 0, 5], [0, 20, 0], [5, 0, 20]]
    plain = [kappa(m) for m in (step, leap)]
    assert plain[0] is not None
    assert plain[1] is not None
    assert plain[0].value == pytest.approx(plain[1].value)
    quadratic = [kappa(m, "quadratic") for m in (step, leap)]
    assert quadratic[0] is not None
    assert quadratic[1] is not None
    assert quadratic[0].value > plain[0].value > quadratic[1].value


@pytest.mark.parametrize("matrix", [[[0, 0], [0, 0]], [[7, 0], [0, 0]]])
def test_kappa_is_not_defined_without_judgements_or_with_one_category(matrix: list[list[int]]) -> None:
    assert kappa(matrix) is None


@for_all(MATRICES, st.sampled_from(("none", "linear", "quadratic")))
def test_kappa_lies_between_its_bounds_and_is_one_where_all_agree(matrix: list[list[int]], weights: str) -> None:
    found = kappa(matrix, weights)  # type: ignore[arg-type]
    if found is not None:
        assert -1 - 1e-9 <= found.value <= 1 + 1e-9
        assert found.standard_error >= 0
        agreed = kappa([[n if i == j else 0 for j, n in enumerate(row)] for i, row in enumerate(matrix)], weights)  # type: ignore[arg-type]
        assert agreed is None or agreed.value == pytest.approx(1)


def test_pairs_are_counted_by_first_and_second() -> None:
    matrix = matrix_of([("a", "a"), ("a", "b"), ("b", "b")], ("a", "b"))
    assert matrix == [[1, 1], [0, 1]]
    assert observed_share(matrix) == pytest.approx(2 / 3)


@for_all(
    st.fixed_dictionaries(dict.fromkeys(("urgent", "important", "routine"), st.integers(0, 300))),
    st.integers(1, 400),
    st.sampled_from(("proportional", "equal")),
)
def test_a_sample_takes_all_it_may_and_none_twice(populations: dict[str, int], size: int, allocation: str) -> None:
    found = allotted(populations, size, allocation)  # type: ignore[arg-type]
    assert sum(found.values()) == min(size, sum(populations.values()))
    assert all(0 <= found[name] <= populations[name] for name in populations)
    present = [name for name in populations if populations[name]]
    if size >= len(present):
        assert all(found[name] for name in present)


def test_strata_are_drawn_in_proportion_or_alike() -> None:
    populations = {"urgent": 100, "important": 300, "routine": 600}
    assert allotted(populations, 50, "proportional") == {"urgent": 5, "important": 15, "routine": 30}
    assert allotted(populations, 51, "equal") == {"urgent": 17, "important": 17, "routine": 17}
    assert allotted(populations | {"urgent": 2}, 30, "equal") == {"urgent": 2, "important": 14, "routine": 14}


def test_nobody_grades_what_they_graded_first_and_work_is_shared() -> None:
    assert assigned([{"a"}, {"a"}, {"b"}, set(), set()], ["a", "b"]) == ["b", "b", "a", "a", "a"]
    assert assigned([{"a", "b"}], ["a", "b"]) == [None]
    assert assigned([set()], []) == [None]


def test_accuracy_has_an_interval_even_where_none_was_wrong() -> None:
    assert Figure("", 0, 0, 0, 0).accuracy is None
    perfect = Figure("", 20, 0, 0, 0)
    assert perfect.accuracy == 1
    assert perfect.interval == (pytest.approx(0.839, abs=1e-3), 1.0)


def test_the_load_of_a_week_counts_each_complaint_under_both_tables() -> None:
    sums = Sums()
    before, after = (Graded(g, r, {}, "t", 1, []) for g, r in (("routine", "7"), ("urgent", "3")))  # type: ignore[arg-type]
    sums.add(datetime(2026, 11, 22, 23, tzinfo=UTC), Judged(before, after), by_hand=True)
    sums.add(datetime(2026, 11, 23, 1, tzinfo=UTC), Judged(before, before), by_hand=False)
    assert (sums.complaints, sums.changed, sums.tightened, sums.by_hand) == (2, 1, 1, 1)
    assert sums.weeks() == [
        (date(2026, 11, 16), "urgent", 0, 1),
        (date(2026, 11, 16), "important", 0, 0),
        (date(2026, 11, 16), "routine", 1, 0),
        (date(2026, 11, 23), "urgent", 0, 0),
        (date(2026, 11, 23), "important", 0, 0),
        (date(2026, 11, 23), "routine", 1, 1),
    ]


def neighbours(**looked_up: bool) -> Neighbours:
    windows = Windows(repeat=timedelta(days=90), duplicate=timedelta(days=7), similarity=0.9)
    rate = RateThreshold(window_days=10, baseline_days=20, min_history_days=10, min_count=3, factor=2.0)
    which = {"lots": False, "customers": False, "cells": False} | looked_up
    return Neighbours(windows, rate, TODAY.date() - timedelta(days=60), **which)


def row(days_ago: float, **more: Any) -> dict[str, Any]:
    usual = {"lot_key": None, "cell": "c", "signature_base": "b", "keys": ["k"], "t_received": TODAY}
    found = {"same_lot": 1, "repeat_r1": False, "rate_exceeded": False}
    return usual | found | more | {"t_received": TODAY - timedelta(days=days_ago)}


def test_a_cells_rate_is_replayed_in_the_order_of_registration() -> None:
    near = neighbours(cells=True)
    near.add(row(15))
    told = []
    for _ in range(4):
        told.append(near.around(row(0)).rate_exceeded)
        near.add(row(0))
    assert told == [False, False, True, True]
    assert not near.around(row(0, cell="other")).rate_exceeded
    assert not near.around(row(0, cell=None)).rate_exceeded


def test_a_repeat_is_one_of_the_same_customer_and_signature_within_the_window() -> None:
    near = neighbours(customers=True)
    near.add(row(80))
    assert near.around(row(0)).repeat_r1
    assert not near.around(row(0, keys=["other"])).repeat_r1
    assert not near.around(row(0, signature_base="other")).repeat_r1
    assert not near.around(row(-11)).repeat_r1
    near.add(row(200))
    assert not near.around(row(203)).repeat_r1, "perhaps a duplicate: what was found then stands"
    assert near.around(row(203, repeat_r1=True)).repeat_r1


def test_a_lot_is_counted_both_ways_in_time() -> None:
    near = neighbours(lots=True)
    for days in (100, 95, 85, -3):
        near.add(row(days, lot_key="L"))
    assert near.around(row(0, lot_key="L")).same_lot == 3
    assert near.around(row(0)).same_lot == 1
    assert (near.names, near.reach) == (["same_lot"], timedelta(days=90))
    assert (neighbours().names, neighbours().reach) == ([], timedelta())
