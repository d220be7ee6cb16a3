"""What a new complaint may repeat, and when a cell is busier than it was."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chassis.errors import Conflict, IllegalTransition, Invalid
from intake.adapters.similarity import similarity
from intake.domain.grading_table import GradingTable
from intake.domain.rates import RateThreshold
from intake.domain.repeats import Known, Proposal, Windows, comparable, propose, repeat_level
from intake.domain.signature import coded
from intake.domain.surroundings import Surroundings
from intake.domain.verdicts import check_reason, check_verdict

DAY = datetime(2026, 6, 1, 8, 0, tzinfo=UTC)
WINDOWS = Windows(repeat=timedelta(days=365), duplicate=timedelta(days=7), similarity=0.9)
RATE = RateThreshold(window_days=30, baseline_days=180, min_history_days=60, min_count=5, factor=2.0)


def known(name: str, text: str = "leaks at the seal", *, days: int = 0, **more: Any) -> Known:
    usual: dict[str, Any] = {
        "number": name,
        "text": comparable(text),
        "base": "pump|leak|",
        "t_occurred": None,
        "t_received": DAY - timedelta(days=days),
    }
    return Known(complaint_id=name, **(usual | more))


def proposed(new: Known, *, customer: tuple[Known, ...] = (), cell: tuple[Known, ...] = ()) -> list[Proposal]:
    return propose(new, same_customer=customer, same_cell=cell, windows=WINDOWS, similarity=similarity)


def test_the_same_words_of_the_same_customer_within_days_are_a_duplicate() -> None:
    (found,) = proposed(known("new"), customer=(known("old", "Leaks  at the SEAL", days=3),))
    assert (found.level, found.basis) == ("duplicate", "text")


def test_the_same_occurrence_told_in_other_words_is_a_duplicate() -> None:
    occurred = DAY - timedelta(days=5)
    new = known("new", "water everywhere in the cellar again", t_occurred=occurred)
    (found,) = proposed(new, customer=(known("old", days=2, t_occurred=occurred),))
    assert found.level == "duplicate"


def test_the_same_problem_of_the_same_customer_later_is_a_repeat_of_the_first_level() -> None:
    (found,) = proposed(known("new"), customer=(known("old", days=90),))
    assert (found.level, found.score, found.basis) == ("R1", 1.0, "signature")


def test_another_problem_of_the_same_customer_is_no_repeat() -> None:
    assert not proposed(known("new"), customer=(known("old", "noise", days=90, base="pump|noise|"),))


def test_a_complaint_without_a_signature_repeats_nothing_by_code() -> None:
    assert not proposed(known("new", base=None), customer=(known("old", "other words", days=90, base=None),))


def test_nothing_beyond_the_window_is_proposed() -> None:
    far = known("old", days=366)
    assert not proposed(known("new"), customer=(far,), cell=(far,))


def test_of_other_customers_only_the_three_most_alike_are_proposed() -> None:
    others = tuple(known(f"o{n}", "leaks at the seal" + " and more" * n, days=20) for n in range(6))
    found = proposed(known("new"), cell=others)
    assert [p.other.complaint_id for p in found] == ["o0", "o1", "o2"]
    assert {p.level for p in found} == {"R2"}
    assert found[0].score == 1.0 > found[2].score


def test_each_other_complaint_is_proposed_once_on_its_strongest_level() -> None:
    old = known("old", days=90)
    assert [p.level for p in proposed(known("new"), customer=(old,), cell=(old,))] == ["R1"]


def test_a_file_need_not_be_in_the_order_of_time() -> None:
    (found,) = proposed(known("older", days=90), customer=(known("newer"),))
    assert found.level == "R1"


def test_existence_alone_raises_nothing() -> None:
    assert not RATE.exceeded(window=4, baseline=0, history_days=400)
    assert not RATE.exceeded(window=50, baseline=300, history_days=400)


def test_a_rate_above_its_threshold_is_told_from_one_at_it() -> None:
    assert not RATE.exceeded(window=20, baseline=60, history_days=400)
    assert RATE.exceeded(window=21, baseline=60, history_days=400)


def test_a_short_history_tells_no_rate() -> None:
    assert not RATE.exceeded(window=50, baseline=0, history_days=59)
    assert RATE.exceeded(window=50, baseline=0, history_days=60)


def test_the_baseline_is_no_longer_than_the_history() -> None:
    assert RATE.exceeded(window=13, baseline=12, history_days=60)
    assert not RATE.exceeded(window=12, baseline=12, history_days=60)


def test_complaints_of_one_group_are_each_others_neighbours() -> None:
    codes = coded(product_family="Pump", defect_code="leak", failure_location=None, lot="L1")
    around = Surroundings(WINDOWS, RATE, history_start=date(2025, 1, 1))
    lots, rates = [], []
    for n in range(6):
        circumstances = around.circumstances(codes, DAY.date(), ())
        lots.append(circumstances.same_lot)
        rates.append(circumstances.rate_exceeded)
        around.add(known(f"n{n}"), ["key"], codes)
    assert lots == [1, 2, 3, 4, 5, 6]
    assert rates == [False, False, False, False, True, True]
    assert len(around.proposals(known("last"), ["key"], codes, similarity)) == 5


def test_a_complaint_in_the_records_is_not_its_own_neighbour() -> None:
    codes = coded(product_family="Pump", defect_code="leak", failure_location=None, lot="L1")
    around = Surroundings(WINDOWS, RATE)
    around.lots = {("pump|l1", DAY.date()): 2}
    around.leave_out(codes, DAY.date())
    assert around.circumstances(codes, DAY.date(), ()).same_lot == 2


def test_the_default_table_carries_its_thresholds(table: GradingTable) -> None:
    assert table.rate.window_days == 30
    assert Windows.of(table.parameters).repeat == timedelta(days=365)


@pytest.mark.parametrize(
    ("verdicts", "level"),
    [(["open", "none"], None), (["R2", "none"], "R2"), (["R2", "R1"], "R1"), ([], None), (["duplicate"], None)],
)
def test_a_complaint_stands_at_its_strongest_confirmed_level(verdicts: list[str], level: str | None) -> None:
    assert repeat_level(verdicts) == level


def test_a_verdict_needs_a_known_word_a_reason_and_a_complaint_that_stands() -> None:
    check_verdict(verdict="R1", current="open", state="open")
    check_verdict(verdict="none", current="R1", state="closed")
    with pytest.raises(Invalid):
        check_verdict(verdict="maybe", current="open", state="open")
    with pytest.raises(Conflict):
        check_verdict(verdict="R1", current="R1", state="open")
    with pytest.raises(IllegalTransition):
        check_verdict(verdict="none", current="duplicate", state="merged")
    with pytest.raises(Invalid):
        check_reason("  ")
