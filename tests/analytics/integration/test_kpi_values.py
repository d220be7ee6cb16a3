"""Each figure by hand, and the complaints behind it."""

import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any

import pytest

from analytics.app import queries
from analytics.app.queries import Formulas
from analytics.kpi.catalogue import read_catalogue
from chassis.call import Call
from chassis.db import Database
from chassis.errors import Forbidden, Invalid, NotFound
from chassis.ids import new_id
from redress.analytics.v1 import analytics_pb2 as pb
from redress.capa.v1 import events as capa
from redress.intake.v1 import events as intake

CATALOGUE = read_catalogue(json.loads(files("analytics.definitions").joinpath("kpis.v2.json").read_text("utf-8")))

FORMULAS = Formulas(fcr_days=7, time_zone="Asia/Shanghai")
HOUR = 3600.0
Ask = Callable[..., Awaitable[dict[tuple[str, str], pb.KpiValue]]]
NOW = datetime.now(UTC).replace(microsecond=0)


@pytest.fixture
async def year(told: Any, react: Any, analytics_db: Database) -> list[Any]:
    """Ten complaints of all kinds; times are days before now, so that periods can be asked for."""

    def case(days: float, **given: Any) -> Any:
        return told(received=NOW - timedelta(days=days), number=f"C26-{round(days * 10):07}", **given)

    cases = [
        case(60, grade="urgent").register().open(24).acknowledge(minutes=1).respond(hours=1).close(hours=10),
        case(50).register().open(80).acknowledge(minutes=3).respond(hours=3).close(hours=90),
        case(40, channel="phone").register().open(80).respond(hours=8).contacted(hours=20).close(hours=30),
        case(30.5).register().open(80).respond(hours=2).close(path="full", hours=60, rca_ids=["r"]),
        case(20).register().open(80).respond(hours=2).close(hours=20).reopen(hours=40).close(hours=100, first=False),
        case(3, product_family="pots").register().open(80).respond(hours=2).close(hours=4, justified=False),
        case(2, grade="important", product_family="pots").register(proposals=1).open(1),
        case(400, historical=True).register(t_closed=NOW - timedelta(days=398), t_registered=NOW - timedelta(days=1)),
        case(1).register().open(80),
        case(0.5).register().open(80).close(outcome="duplicate", hours=1),
    ]
    again = cases[6]
    again.say(
        intake.ComplaintLinked(
            complaint_id=again.case_id, other=cases[5].case_id, level="R1", repeat_level="R1", open_proposals=0,
            at=again.after(hours=1),
        )
    )  # fmt: skip
    cases[8].say(
        intake.ComplaintRegraded(
            complaint_id=cases[8].case_id, old_grade="routine", grade="urgent", reason_code="wrong_then",
            at=cases[8].after(hours=1),
        )
    )  # fmt: skip
    merged = case(1.5).register().open(80)
    merged.say(
        intake.ComplaintMerged(complaint_id=merged.case_id, into=cases[8].case_id, at=merged.after(hours=1))
    ).close(outcome="duplicate", hours=1)
    cases[0].survey(process=5, result=3, hours=12).work(1, 4)
    cases[1].survey(process=2, result=2, hours=95)
    cases[5].survey(hours=6)
    _costs_and_capas(cases)
    await react(analytics_db, [event for one in [*cases, merged] for event in one.events])
    return cases


def _costs_and_capas(cases: list[Any]) -> None:
    day = (NOW - timedelta(days=10)).date()
    lines = [
        ("external_failure", 5000, "CNY", cases[0].case_id, False),
        ("external_failure", 2500, "CNY", cases[5].case_id, True),
        ("internal_failure", 1000, "CNY", None, False),
        ("prevention", 700, "CNY", None, False),
        ("external_failure", 300, "EUR", cases[1].case_id, False),
    ]
    for category, amount, currency, case_id, estimated in lines:
        cases[0].say(capa.CostPosted(
            cost_id=new_id(), date=day, category=category, sub_type="warranty", amount_minor=amount, currency=currency,
            case_id=case_id, capa_id=None, estimated=estimated), subject=new_id())  # fmt: skip
    for n, (verdict, closed) in enumerate(
        (("effective", "effective"), ("not_effective", None), ("insufficient_exposure", None), (None, "cancelled"))
    ):
        _capa(cases[n], verdict, closed)


def _capa(case: Any, verdict: Any, closed: Any) -> None:
    capa_id = new_id()
    named = {"capa_id": capa_id, "number": "A26-1"}
    linked = named | {"case_ids": [case.case_id]}
    action = {"action_id": new_id(), "capa_id": capa_id}
    due, later = case.after(days=5), case.after(days=9)
    case.say(capa.CapaOpened(**linked, rca_id=None, risk_class="major", at=case.after(hours=20)), capa_id)
    case.say(capa.ActionAssigned(**action, number="A26-1", type="corrective", owner="p", department="rd", due_at=due,
                                 at=case.after(hours=21)), action["action_id"])  # fmt: skip
    done_after = 4 if verdict == "effective" else 8
    case.say(capa.ActionDone(**action, type="corrective", by="p", due_original=due, due_current=later,
                             at=case.after(days=done_after)), action["action_id"])  # fmt: skip
    case.say(
        capa.ActionExtended(**action, due_original=due, due_current=later, at=case.after(days=3)), action["action_id"]
    )
    case.say(capa.CapaImplemented(**linked, window_ends_at=case.after(days=9), at=case.after(days=8)), capa_id)
    if verdict:
        case.say(capa.CapaEffectivenessConcluded(**named, verdict=verdict, at=case.after(days=10)), capa_id)
    if closed:
        case.say(capa.CapaClosed(**linked, outcome=closed, at=case.after(days=10)), capa_id)


async def test_durations_are_means_of_their_formula_without_historical_ones(year: list[Any], ask: Ask) -> None:
    found = await ask()
    frt = found["frt", ""]
    assert (frt.n, frt.value, frt.p50) == (6, 18 / 6 * HOUR, 2 * HOUR)
    assert (found["ack_latency", ""].n, found["ack_latency", ""].value) == (2, 120.0)
    mttr, first = found["mttr", ""], found["first_resolution", ""]
    assert (mttr.n, mttr.value) == (7, pytest.approx((10 + 90 + 30 + 60 + 100 + 4 + 48) / 7 * HOUR))
    assert (first.n, first.value) == (7, pytest.approx((10 + 90 + 30 + 60 + 20 + 4 + 48) / 7 * HOUR))
    assert (found["mttr_working", ""].n, found["mttr_working", ""].clock) == (6, "working")


async def test_duplicates_count_as_contacts_and_not_as_complaints(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["received", "closed", "open"])
    assert (found["received", ""].value, found["closed", ""].value) == (9, 7)
    assert {dimension: value.n for (key, dimension), value in found.items() if key == "open"} == {
        "intake/important": 1,
        "intake/urgent": 1,
    }


async def test_the_repeat_rate_shows_what_nobody_has_judged(
    year: list[Any], ask: Ask, told: Any, react: Any, analytics_db: Database
) -> None:
    await react(analytics_db, told(received=NOW, number="C26-9").register(proposals=2).events)
    rate = (await ask(keys=["repeat_rate"]))["repeat_rate", ""]
    assert (rate.numerator, rate.denominator, rate.pending) == (1, 10, 1)
    assert rate.ci_low < rate.value < rate.ci_high


async def test_first_contact_resolution_needs_one_contact_no_reopen_and_no_repeat(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["fcr_gross", "fcr_net"])
    gross, net = found["fcr_gross", ""], found["fcr_net", ""]
    # Of six closed here: one was called about, one reopened, one repeated within seven days.
    assert (gross.numerator, gross.denominator) == (3, 6)
    # The one with an RCA is in neither; the close three days ago is provisional.
    assert (net.numerator, net.denominator, net.pending) == (2, 5, 1)


async def test_on_time_closure_counts_what_was_due_and_not_what_was_closed(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["on_time_closure"])
    original = found["on_time_closure", "original"]
    # Six closed and one never closed that is past due; one is not yet due.
    assert (original.numerator, original.denominator, original.pending) == (4, 7, 1)
    # A reopened case without a new deadline is not due by the current one.
    assert found["on_time_closure", "current"].denominator == 6


async def test_open_age_stands_beside_the_mean_of_the_closed(year: list[Any], ask: Ask) -> None:
    age = (await ask(keys=["open_age"]))["open_age", ""]
    assert age.n == 2
    assert age.value == pytest.approx(1.5 * 86400, abs=900)


async def test_currencies_are_never_summed(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["coq", "coq_total", "cogq", "copq"])
    assert {d: (v.value, v.n, v.pending) for (key, d), v in found.items() if key == "coq"} == {
        "CNY/external_failure": (7500, 2, 1),
        "CNY/internal_failure": (1000, 1, 0),
        "CNY/prevention": (700, 1, 0),
        "CNY/appraisal": (0, 0, 0),
        "EUR/external_failure": (300, 1, 0),
        "EUR/internal_failure": (0, 0, 0),
        "EUR/prevention": (0, 0, 0),
        "EUR/appraisal": (0, 0, 0),
    }
    assert {d: v.value for (key, d), v in found.items() if key == "copq"} == {"CNY": 8500, "EUR": 300}
    assert {d: v.value for (key, d), v in found.items() if key == "cogq"} == {"CNY": 700}
    assert {d: v.value for (key, d), v in found.items() if key == "coq_total"} == {"CNY": 9200, "EUR": 300}


async def test_insufficient_exposure_is_shown_and_not_counted(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["capa_effectiveness_rate", "capa_closure_rate"])
    effective, closed = found["capa_effectiveness_rate", ""], found["capa_closure_rate", ""]
    assert (effective.numerator, effective.denominator, effective.pending) == (1, 2, 1)
    assert (closed.numerator, closed.denominator) == (1, 3)


async def test_actions_are_on_time_by_the_original_and_by_the_extended_date(year: list[Any], ask: Ask) -> None:
    found = await ask(keys=["on_time_action_rate"])
    assert found["on_time_action_rate", "original"].numerator == 1
    assert found["on_time_action_rate", "current"].numerator == 4


async def test_a_wrong_grade_lowers_the_accuracy(year: list[Any], ask: Ask) -> None:
    found = (await ask(keys=["grading_accuracy"]))["grading_accuracy", ""]
    assert (found.numerator, found.denominator) == (7, 8)


async def test_a_period_is_that_of_the_concluding_event(year: list[Any], ask: Ask) -> None:
    last_month = {"from": NOW - timedelta(days=30), "to": NOW}
    found = await ask(**last_month)
    assert found["received", ""].n == 4
    assert found["mttr", ""].n == 3
    assert found["on_time_closure", "original"].denominator == 3


async def test_filters_narrow_every_figure(year: list[Any], ask: Ask) -> None:
    assert (await ask(grade="urgent"))["received", ""].n == 2
    assert (await ask(product_family="pots"))["frt", ""].n == 1
    assert (await ask(channel="phone"))["closed", ""].n == 1
    assert (await ask(justified_only=True))["closed", ""].n == 5
    pots = await ask(product_family="pots", keys=["coq", "capa_effectiveness_rate"])
    assert pots["coq", "CNY/external_failure"].value == 2500
    assert pots["capa_effectiveness_rate", ""].n == 0
    assert (await ask(grade="urgent", keys=["capa_effectiveness_rate"]))["capa_effectiveness_rate", ""].n == 1


@pytest.mark.parametrize("wanted", [{}, {"grade": "routine"}, {"justified_only": True}, {"from": NOW - timedelta(30)}])
async def test_the_facts_behind_a_figure_give_the_figure(
    year: list[Any], ask: Ask, behind: Callable[..., Awaitable[list[pb.Fact]]], wanted: dict[str, Any]
) -> None:
    for (key, dimension), figure in (await ask(**wanted)).items():
        if dimension.startswith(("CNY/", "EUR/")) and not figure.n:
            continue  # a category shown because the others have lines
        facts = await behind(key, dimension, **wanted)
        values = [fact.value for fact in facts]
        assert len(facts) == figure.n == len({fact.unit_id for fact in facts}), key
        match CATALOGUE.kpis[key].kind:
            case "count":
                assert sum(values) == figure.value
            case "money":
                assert sum(values) == figure.value
            case "ratio":
                assert (sum(values), len(values)) == (figure.numerator, figure.denominator)
            case "mean" if values:
                assert sum(values) / len(values) == pytest.approx(figure.value)
            case "duration" if values and key != "open_age":
                assert sum(values) / len(values) == pytest.approx(figure.value)
                assert percentile(values, 0.9) == pytest.approx(figure.p90)


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


async def test_behind_a_capa_figure_stand_its_complaints(
    year: list[Any], behind: Callable[..., Awaitable[list[pb.Fact]]]
) -> None:
    facts = await behind("capa_effectiveness_rate")
    assert {tuple(fact.complaint_ids) for fact in facts} == {(year[0].case_id,), (year[1].case_id,)}
    assert {fact.unit_kind for fact in facts} == {"check"}


async def test_a_fact_says_what_is_known_of_its_complaint(
    year: list[Any], analytics_db: Database, call_as: Callable[..., Call]
) -> None:
    async with analytics_db.read() as tx:
        fact = await queries.get_fact(tx, call_as("engineer"), pb.GetFactRequest(complaint_id=year[3].case_id))
        with pytest.raises(NotFound):
            await queries.get_fact(tx, call_as("engineer"), pb.GetFactRequest(complaint_id=new_id()))
        with pytest.raises(Invalid):
            await queries.get_fact(tx, call_as("engineer"), pb.GetFactRequest(complaint_id="C26-1"))
    assert (fact.state, fact.path, fact.outcome, fact.grade) == ("closed", "full", "resolved", "routine")


async def test_partners_and_channels_see_no_figures(analytics_db: Database, call_as: Callable[..., Call]) -> None:
    async with analytics_db.read() as tx:
        for role in ("partner", "channel"):
            with pytest.raises(Forbidden):
                await queries.get_kpis(FORMULAS, tx, call_as(role), pb.GetKpisRequest())


async def test_an_unknown_kpi_is_refused_with_those_that_exist(
    analytics_db: Database, call_as: Callable[..., Call]
) -> None:
    async with analytics_db.read() as tx:
        with pytest.raises(Invalid) as refused:
            await queries.get_kpis(FORMULAS, tx, call_as("manager"), pb.GetKpisRequest(keys=["happiness"]))
    assert "mttr" in refused.value.possible


async def test_nothing_at_all_is_n_nought_and_not_an_error(ask: Ask) -> None:
    found = await ask()
    assert found["mttr", ""].n == 0
    assert not found["mttr", ""].HasField("value")
