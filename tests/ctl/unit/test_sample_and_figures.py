from collections import Counter

import pytest

from redressctl.demo.desk import verdict_on
from redressctl.demo.outcomes import INVESTIGATED, NOT_INVESTIGATED, rating
from redressctl.demo.script import file_of
from redressctl.kpi_table import in_words


def test_the_sample_is_bilingual_with_repeats_a_lot_cluster_and_open_safety_answers() -> None:
    rows = list(file_of(None, None).rows())
    assert len(rows) == 60
    assert {row["lang"] for row in rows} == {"zh", "en"}
    assert Counter(row["lot"] for row in rows if row["lot"]).most_common(1)[0][1] >= 3
    assert any(n > 1 for n in Counter((row["email"], row["defect"]) for row in rows).values())
    assert any(row["hurt_or_fire"] == "?" for row in rows)
    assert {row["email"].rsplit(".", 1)[1] for row in rows} == {"example"}


def test_endings_are_mixed_and_complete() -> None:
    codes = {ending.code for ending in (*INVESTIGATED, *NOT_INVESTIGATED)}
    assert codes >= {"resolved", "not_justified", "no_trouble_found", "withdrawn", "referred_outside"}
    assert {ending.accepted for ending in INVESTIGATED} == {True, False}
    assert all(ending.outcome(language)["reason"] for ending in NOT_INVESTIGATED for language in ("zh", "en"))


def test_whoever_is_not_reached_gives_no_rating() -> None:
    assert all((given["satisfied"] is not None) == given["reached"] for given in map(rating, range(20)))


def test_the_problem_of_another_customer_is_a_repeat_only_when_it_reads_alike() -> None:
    proposal = {"level": "R2", "score": 0.2, "basis": "text"}
    assert verdict_on(proposal) == "none"
    assert verdict_on(proposal | {"score": 0.7}) == "R2"
    assert verdict_on({"level": "duplicate", "score": 1.0, "basis": "text"}) == "duplicate"


@pytest.mark.parametrize(
    ("figure", "unit", "words"),
    [
        (None, "seconds", "–"),
        (42.0, "seconds", "42.0 s"),
        (5400.0, "seconds", "1.5 h"),
        (0.125, "ratio", "12.5%"),
        (123456.0, "minor units", "1,234.56"),
        (17.0, "count", "17"),
        (-12.34, "percentage points", "-12.3 pp"),
        (4.3333, "points of 5", "4.33"),
    ],
)
def test_a_figure_is_told_in_its_unit(figure: float | None, unit: str, words: str) -> None:
    assert in_words(figure, unit) == words
