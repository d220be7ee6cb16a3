"""CSAT, its change, the mean score and the response rate, and the complaints behind them."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.errors import Invalid
from redress.analytics.v1 import analytics_pb2 as pb

NOW = datetime.now(UTC).replace(microsecond=0)
PERIOD = {"from": NOW - timedelta(days=30), "to": NOW}
Ask = Callable[..., Awaitable[dict[tuple[str, str], pb.KpiValue]]]


def closed(told: Any, days: float, **given: Any) -> Any:
    case = told(received=NOW - timedelta(days=days), number=f"C26-{round(days * 100):07}", **given)
    return case.register().open().close(hours=1)


@pytest.fixture
async def answers(told: Any, react: Any, analytics_db: Database) -> list[Any]:
    """Before: 2 of 5 happy with the process, all with the result. Since: 9 of 10, one who left out the result."""
    before = [closed(told, 60 + n).survey(process=5 if n < 2 else 2, result=4, hours=3) for n in range(5)]
    since = [closed(told, 10 + n).survey(process=2 if n == 0 else 4, result=n and 5, hours=3) for n in range(10)]
    silent = [closed(told, 25 + n).survey(hours=3) for n in range(2)]
    merged = closed(told, 9).survey(process=1, result=1, hours=3).merge(into=since[0].case_id, hours=4)
    cases = [*before, *since, *silent, merged]
    await react(analytics_db, [event for case in cases for event in case.events])
    return cases


async def test_csat_is_the_share_of_fours_and_fives_for_each_question(answers: list[Any], ask: Ask) -> None:
    found = await ask(keys=["csat", "csat_score"], **PERIOD)
    process, result = found["csat", "process"], found["csat", "result"]
    assert (process.n, process.numerator, process.value) == (10, 9, 0.9)
    assert (process.ci_low, process.ci_high) == pytest.approx((0.5958, 0.9821), abs=5e-5)
    assert (result.n, result.value) == (9, 1.0)
    assert found["csat_score", "process"].value == pytest.approx((2 + 9 * 4) / 10)
    assert (found["csat_score", "process"].unit, found["csat_score", "result"].p50) == ("points of 5", 5)


async def test_who_answered_stands_beside_what_they_answered(answers: list[Any], ask: Ask) -> None:
    rate = {
        dimension: value for (key, dimension), value in (await ask(keys=["csat"], **PERIOD)).items() if "rate" in key
    }
    assert {d: (v.numerator, v.denominator) for d, v in rate.items()} == {
        "": (10, 12),
        "process": (10, 12),
        "result": (9, 12),
    }


async def test_the_change_compares_with_the_ninety_days_before(answers: list[Any], ask: Ask) -> None:
    change = (await ask(keys=["csat_change"], **PERIOD))["csat_change", "process"]
    assert change.value == pytest.approx(50.0)
    assert (change.n, change.baseline_n, change.baseline_value) == (10, 5, 0.4)
    assert change.significant is True
    assert 0 < change.ci_low < change.value < change.ci_high
    assert change.baseline_from.ToDatetime(UTC) == NOW - timedelta(days=120)
    assert change.baseline_to.ToDatetime(UTC) == PERIOD["from"]


async def test_another_baseline_can_be_asked_for(answers: list[Any], ask: Ask) -> None:
    two_happy = {"baseline_from": NOW - timedelta(days=60), "baseline_to": NOW - timedelta(days=58)}
    change = (await ask(keys=["csat_change"], **PERIOD, **two_happy))["csat_change", "process"]
    assert (change.baseline_n, change.baseline_value, change.significant) == (2, 1.0, False)
    until_then = await ask(keys=["csat_change"], **PERIOD, baseline_from=NOW - timedelta(days=400))
    assert until_then["csat_change", "process"].baseline_n == 5


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        ({**PERIOD, "baseline_to": NOW - timedelta(days=29)}, "baseline_to"),
        ({"baseline_to": NOW - timedelta(days=29)}, "baseline_to"),
        ({**PERIOD, "baseline_from": NOW - timedelta(days=3)}, "baseline_to"),
        ({"panel": "iso_9999"}, "panel"),
    ],
)
async def test_a_baseline_that_overlaps_and_an_unknown_panel_are_refused(
    ask: Ask, asked: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        await ask(**asked)
    assert [fault.field for fault in refused.value.fields] == [field]


async def test_a_period_without_a_start_has_no_change(answers: list[Any], ask: Ask) -> None:
    change = (await ask(keys=["csat_change"]))["csat_change", "process"]
    assert (change.n, change.HasField("value"), change.HasField("baseline_n")) == (15, False, False)


async def test_the_segment_is_the_same_in_both_periods(
    told: Any, react: Any, analytics_db: Database, answers: list[Any], ask: Ask
) -> None:
    pots = [closed(told, days, product_family="pots").survey(process=5, result=5, hours=3) for days in (5.5, 70.5)]
    await react(analytics_db, [event for case in pots for event in case.events])
    change = (await ask(keys=["csat_change"], product_family="pots", **PERIOD))["csat_change", "process"]
    assert (change.n, change.baseline_n, change.value) == (1, 1, 0.0)


async def test_behind_csat_stand_the_surveys_and_their_complaints(
    answers: list[Any], behind: Callable[..., Awaitable[list[pb.Fact]]]
) -> None:
    facts = await behind("csat", "process", **PERIOD)
    assert {fact.unit_kind for fact in facts} == {"survey"}
    assert {fact.complaint_id for fact in facts} == {case.case_id for case in answers[5:15]}
    assert [fact.complaint_id for fact in facts if not fact.value] == [answers[5].case_id]
    before = await behind("csat_change", "process", **{"from": NOW - timedelta(days=120), "to": PERIOD["from"]})
    assert {fact.complaint_id for fact in before} == {case.case_id for case in answers[:5]}


async def test_an_answer_counts_once_its_complaint_is_registered_and_once_however_often_it_comes(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    case = closed(told, 3).survey(process=5, result=None, hours=3)
    registered, opened, done, sent, answered = case.events
    await react(analytics_db, [answered, answered])
    assert (await ask(keys=["csat"]))["csat", "process"].n == 0
    await react(analytics_db, [done, sent, registered, opened, answered])
    found = await ask(keys=["csat"])
    assert (found["csat", "process"].n, found["csat", "result"].n) == (1, 0)
    assert found["survey_response_rate", ""].denominator == 1


async def test_each_closing_is_asked_about_once(told: Any, react: Any, analytics_db: Database, ask: Ask) -> None:
    case = closed(told, 9).survey(process=1, result=1, hours=3).reopen(hours=5).close(hours=9, first=False)
    case.survey(process=5, result=5, closing=2, via="call_back", hours=20)
    await react(analytics_db, case.events)
    score = (await ask(keys=["csat_score"]))["csat_score", "process"]
    assert (score.n, score.value) == (2, 3.0)
