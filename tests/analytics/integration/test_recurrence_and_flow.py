"""What came back after a CAPA, what was in hand, what was extended, what came too late."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.db import Database
from chassis.ids import new_id
from redress.analytics.v1 import analytics_pb2 as pb
from redress.capa.v1 import events as capa
from redress.workflow.v1 import events as workflow

NOW = datetime.now(UTC).replace(microsecond=0)
Ask = Callable[..., Awaitable[dict[tuple[str, str], pb.KpiValue]]]
Behind = Callable[..., Awaitable[list[pb.Fact]]]


def at(days: float) -> datetime:
    return NOW - timedelta(days=days)


def implement(case: Any, implemented: float, ends: float, capa_id: str | None = None) -> str:
    """A CAPA of this complaint, implemented and observed; both days before now."""
    capa_id = capa_id or new_id()
    said = capa.CapaImplemented(
        capa_id=capa_id, number="A26-1", case_ids=[case.case_id], window_ends_at=at(ends), at=at(implemented)
    )
    case.say(said, capa_id)
    return capa_id


def complaint(told: Any, days: float, family: str, **given: Any) -> Any:
    case = told(received=at(days), number=f"C26-{round(days * 100):07}", product_family=family)
    return case.register(**given).open()


@pytest.fixture
async def windows(told: Any, react: Any, analytics_db: Database) -> dict[str, Any]:
    """kettles came back; pots came back only after the window; pans have a window that runs; lids have no signature."""
    cases = {family: complaint(told, 100, family) for family in ("kettles", "pots", "pans")}
    cases["lids"] = complaint(told, 100, "lids", signature=None)
    for family, ends in (("kettles", 20), ("pots", 20), ("pans", -20), ("lids", 20)):
        implement(cases[family], 80, ends)
    cases |= {
        "again": complaint(told, 50, "kettles"),
        "twice": complaint(told, 49, "kettles"),
        "too_late": complaint(told, 10, "pots"),
        "happened_before": complaint(told, 60, "pots", t_occurred=at(81)),
        "running": complaint(told, 5, "pans"),
    }
    await react(analytics_db, [event for case in cases.values() for event in case.events])
    return cases


async def test_recurrence_counts_windows_that_ended_with_the_same_signature_again(
    windows: dict[str, Any], ask: Ask, behind: Behind
) -> None:
    rate = (await ask(keys=["recurrence_rate"]))["recurrence_rate", ""]
    # kettles of kettles and pots; pans are still observed, lids cannot be recognised.
    assert (rate.numerator, rate.denominator, rate.pending) == (1, 2, 1)
    facts = {tuple(fact.complaint_ids): fact.value for fact in await behind("recurrence_rate")}
    assert facts == {(windows["kettles"].case_id,): 1, (windows["pots"].case_id,): 0}


async def test_the_complaints_that_came_back_can_be_listed(windows: dict[str, Any], ask: Ask, behind: Behind) -> None:
    facts = await behind("recurrences")
    assert {fact.complaint_id for fact in facts} == {windows[name].case_id for name in ("again", "twice", "running")}
    assert (await ask(keys=["recurrences"]))["recurrences", ""].value == 3
    assert (await ask(keys=["repeat_rate"]))["recurrences", ""].value == 3, "beside the repeat rate, unasked"


async def test_an_extended_window_is_observed_to_its_new_end(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    first, again = complaint(told, 100, "kettles"), complaint(told, 15, "kettles")
    capa_id = implement(first, 80, 40)
    await react(analytics_db, [*first.events, *again.events])
    assert (await ask(keys=["recurrence_rate"]))["recurrence_rate", ""].numerator == 0
    verdict = capa.CapaEffectivenessConcluded(
        capa_id=capa_id, number="A26-1", verdict="insufficient_exposure", at=at(40), window_ends_at=at(0.5)
    )
    first.say(verdict, capa_id)
    await react(analytics_db, first.events[-1:])
    rate = (await ask(keys=["recurrence_rate"]))["recurrence_rate", ""]
    assert (rate.numerator, rate.denominator) == (1, 1)


async def test_a_capa_implemented_anew_is_observed_anew(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    first, again = complaint(told, 100, "kettles"), complaint(told, 70, "kettles")
    capa_id = implement(first, 80, 60)
    implement(first, 50, 30, capa_id)
    await react(analytics_db, [*first.events, *again.events])
    rate = (await ask(keys=["recurrence_rate"]))["recurrence_rate", ""]
    assert (rate.numerator, rate.denominator) == (1, 2)


async def test_flow_efficiency_is_time_in_hand_of_the_time_it_took(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    busy, idle, unknown = (complaint(told, days, "kettles") for days in (9, 8, 7))
    busy.work(1, 3)
    busy.work(2, 4)  # at the same time as the first for an hour
    busy.work(9, 30)  # goes on after the close
    idle.work(1, 2)
    unknown.work(None, 2)
    for case in (busy, idle, unknown):
        case.close(hours=10)
    await react(analytics_db, [event for case in (busy, idle, unknown) for event in case.events])
    flow = (await ask(keys=["flow_efficiency"]))["flow_efficiency", ""]
    assert (flow.n, flow.pending, flow.unit) == (2, 1, "ratio")
    assert flow.value == pytest.approx((0.4 + 0.1) / 2)
    assert flow.p50 == pytest.approx(0.25)
    assert not flow.HasField("ci_low"), "a mean of shares is no share of counts"


async def test_extensions_of_cases_and_actions_stand_beside_the_on_time_rates(
    told: Any, react: Any, analytics_db: Database, ask: Ask, behind: Behind
) -> None:
    case = complaint(told, 9, "kettles")
    for reason, days in (("extension", 8), ("extension", 7), ("regrade", 6)):
        case.say(
            workflow.CaseDueChanged(
                case_id=case.case_id, due_at=at(5), due_current_at=at(3), reason=reason, at=at(days)
            )
        )
    action = {"action_id": new_id(), "capa_id": implement(case, 8, 1)}
    due = {"due_original": at(5), "due_current": at(2)}
    case.say(capa.ActionExtended(**action, **due, at=at(4)), action["action_id"])
    await react(analytics_db, [*case.events, *case.events])
    found = await ask(keys=["on_time_closure"])
    assert {d: v.value for (key, d), v in found.items() if key == "extensions"} == {"case": 2, "action": 1}
    assert {fact.complaint_id for fact in await behind("extensions", "case")} == {case.case_id}
    assert [tuple(fact.complaint_ids) for fact in await behind("extensions", "action")] == [(case.case_id,)]


async def test_what_came_after_the_agreed_time_is_told_by_the_iso_panel(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    prompt = complaint(told, 9, "kettles").acknowledge(minutes=5).respond(hours=1).close(hours=2)
    late = complaint(told, 8, "kettles").acknowledge(hours=2).respond(hours=90)
    late.close(hours=100, outcome="referred_outside")
    never = complaint(told, 7, "kettles")
    unreachable = complaint(told, 6, "kettles", reachable=False)
    fresh = complaint(told, 0.001, "kettles")
    cases = (prompt, late, never, unreachable, fresh)
    await react(analytics_db, [event for case in cases for event in case.events])
    found = await ask(panel="iso_10002")
    acknowledged, resolved = found["acknowledged_late", ""], found["resolved_late", "original"]
    assert (acknowledged.numerator, acknowledged.denominator, acknowledged.pending) == (2, 3, 1)
    assert (resolved.numerator, resolved.denominator, resolved.pending) == (3, 4, 1)
    assert (found["referred_outside", ""].numerator, found["referred_outside", ""].denominator) == (1, 2)
    assert found["incorrectly_prioritised", ""].value == 0
    assert {"received", "fcr_gross", "repeat_rate", "recurrences", "improvements"} <= {key for key, _ in found}
    assert "mttr" not in {key for key, _ in found}
    answered = (await ask(keys=["frt"]))["on_time_response", ""]
    assert (answered.numerator, answered.denominator, answered.pending) == (1, 4, 1)


async def test_after_a_reopening_without_an_answer_the_response_time_starts_anew(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    case = complaint(told, 9, "kettles").close(hours=10, working_seconds=900.0).reopen(hours=50).respond(hours=53)
    case.close(hours=60, first=False, working_seconds=5000.0)
    await react(analytics_db, case.events)
    found = await ask()
    assert found["frt", ""].value == 3 * 3600
    assert found["first_resolution_working", ""].value == 900
    assert found["mttr_working", ""].value == 5000


async def test_the_first_answer_is_timed_on_both_clocks(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    case = complaint(told, 9, "kettles").respond(hours=50, worked=7200.0).respond(first=False, hours=90, worked=20000.0)
    historical = told(received=at(8), number="C26-8", historical=True).register().open().respond(hours=1)
    await react(analytics_db, [*reversed(case.events), *historical.events])
    found = await ask(keys=["frt", "frt_working"])
    assert (found["frt", ""].value, found["frt_working", ""].value) == (50 * 3600, 7200)
    assert (found["frt", ""].clock, found["frt_working", ""].clock) == ("calendar", "working")
    assert (found["frt", ""].n, found["frt_working", ""].n) == (1, 1)


async def test_improvements_are_what_removes_causes_and_came_of_complaints(
    told: Any, react: Any, analytics_db: Database, ask: Ask
) -> None:
    case = complaint(told, 9, "kettles")
    of_complaint, of_audit, called_off = implement(case, 8, 1), new_id(), implement(case, 8, 1)
    for capa_id, kind, done in (
        (of_complaint, "corrective", True),
        (of_complaint, "containment", True),
        (of_audit, "preventive", True),
        (called_off, "preventive", False),
        (of_complaint, "preventive", False),
    ):
        action = {"action_id": new_id(), "capa_id": capa_id, "type": kind}
        given = {"number": "A26-1", "owner": "p", "department": "rd", "due_at": at(5), "at": at(7)}
        case.say(capa.ActionAssigned(**action, **given), action["action_id"])
        if done:
            due = {"due_original": at(5), "due_current": at(5)}
            case.say(capa.ActionDone(**action, **due, by="p", at=at(6)), action["action_id"])
    case.say(
        capa.CapaClosed(capa_id=called_off, number="A26-1", case_ids=[case.case_id], outcome="cancelled", at=at(1)),
        called_off,
    )
    await react(analytics_db, case.events)
    found = await ask(panel="capa")
    assert found["improvements", ""].value == 1
    completed = found["action_completion_rate", ""]
    assert (completed.numerator, completed.denominator) == (3, 4)
    assert found["on_time_action_rate", "current"].denominator == 4
