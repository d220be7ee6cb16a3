"""The arithmetic behind the chaos run's verdict."""

import json
from datetime import UTC, datetime

import pytest

from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintRegistered
from redress.workflow.v1.events import CaseClosed, CaseOpened, ResponseSent, TaskCompleted
from redressctl.load.acks import Ack
from redressctl.verify.books import Books, Row
from tests.chaos.people import Work
from tests.chaos.reckoning import letters_twice, never_handled, reckon, surplus
from tests.chaos.reckoning_work import reckon_work
from tests.chaos.recovery import Probe, Recovery, calm_since, normal_latency_s, outage_s, seen_meanwhile
from tests.chaos.report import Result, by_kind, recovery_line, worst_and_median

REGISTERED, OPENED = TYPE_OF[ComplaintRegistered], TYPE_OF[CaseOpened]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


NORMAL_S = 1.0


def probe(begun: float, took: float = 0.1, status: int = 201) -> Probe:
    return Probe(begun, begun + took, status)


def steady(first: float, count: int) -> list[Probe]:
    return [probe(first + n * 0.2) for n in range(count)]


def ack(complaint_id: str) -> Ack:
    return Ack(key=f"key of {complaint_id}", complaint_id=complaint_id, number="C26-1", at=NOW)


def books(**more: object) -> Books:
    """Complaint `a` with everything that belongs to it."""
    event, case = Row("e1", REGISTERED, "a", 1), Row("e2", OPENED, "a", 1)
    consumers = {key: [case] for key in ("capa", "notify")} | {"workflow": [event], "analytics": [event, case]}
    whole: dict[str, object] = {
        "complaints": [Row("a")],
        "cases": [Row("a")],
        "facts": [Row("a")],
        "receipts": [Row("a", "sent")],
        "outbox": {"intake": [event], "workflow": [case]},
        "inbox": consumers,
    }
    return Books(**(whole | more))  # type: ignore[arg-type]


def test_calm_begins_with_the_first_of_enough_prompt_probes() -> None:
    assert calm_since(steady(0, 3), 0.0, NORMAL_S) is None
    assert calm_since(steady(0, 8), 0.5, NORMAL_S) == pytest.approx(0.6)


def test_a_refusal_or_a_slow_answer_ends_the_calm() -> None:
    refused = [*steady(0, 5), probe(1.0, status=503), *steady(1.2, 4)]
    assert calm_since(refused, 0.0, NORMAL_S) is None
    slow = [*steady(0, 5), probe(1.0, took=1.5), *steady(2.6, 5)]
    assert calm_since(slow, 0.0, NORMAL_S) == pytest.approx(2.6)


def test_an_outage_lasts_until_the_last_probe_that_failed() -> None:
    probes = [*steady(0, 5), probe(1.0, status=503), probe(1.2, took=2.0, status=503), *steady(3.2, 6)]
    assert outage_s(probes, 0.9, 3.2, NORMAL_S) == pytest.approx(2.3)
    assert outage_s(steady(0, 9), 0.9, 1.0, NORMAL_S) == 0


def test_what_a_client_met_meanwhile_is_told_by_kind() -> None:
    probes = [*steady(0, 3), probe(1, status=503), probe(2, status=0), probe(3, took=1.5), probe(9, status=503)]
    assert seen_meanwhile(probes, 0.5, 5, NORMAL_S) == "503 x 1, no answer x 1, slow x 1"


def test_normal_is_three_times_what_nine_of_ten_took_within_bounds() -> None:
    assert normal_latency_s(steady(0, 9)) == pytest.approx(0.5)
    assert normal_latency_s([probe(n, took=0.2) for n in range(9)]) == pytest.approx(0.6)
    assert normal_latency_s([probe(n, took=2.0) for n in range(9)]) == 1.0


def test_a_complaint_with_everything_that_belongs_to_it_is_neither_missing_nor_twice() -> None:
    found = reckon([ack("a")], ["key of a"], books())
    assert (found.total_missing, found.total_duplicated) == (0, 0)


@pytest.mark.parametrize(
    ("what", "gone"),
    [
        ("cases", {"cases": []}),
        ("facts", {"facts": []}),
        ("events unsent", {"outbox": {"intake": [Row("e9", "unknown.type", "a", 0)]}}),
        ("events not handled", {"inbox": {**books().inbox, "notify": []}}),
    ],
)
def test_what_is_gone_is_missing(what: str, gone: dict[str, object]) -> None:
    found = reckon([ack("a")], [], books(**gone))
    assert found.missing[what] == 1
    assert found.total_missing == 1


def test_an_acknowledged_complaint_that_does_not_exist_is_missing_once() -> None:
    found = reckon([ack("a"), ack("b"), ack("b")], [], books())
    assert found.missing["acknowledged complaints"] == 1


def test_what_is_there_again_is_counted_by_its_kind() -> None:
    opened_again = {"intake": books().outbox["intake"], "workflow": [Row("e2", OPENED, "a", 1)] * 2}
    twice = books(cases=[Row("a"), Row("a")], outbox=opened_again)
    found = reckon([ack("a")], ["key of a", "key of a", "", ""], twice)
    assert found.duplicated["cases of one complaint"] == 1
    assert found.duplicated["openings of one case"] == 1
    assert found.duplicated["complaints of one key"] == 1
    assert found.total_duplicated == 3


def test_peoples_work_is_in_effect_once() -> None:
    done = Work(answered=["a"], completed=["t"], closed=["a"])
    rows = [Row("1", TYPE_OF[ResponseSent], "a", 1), Row("2", TYPE_OF[TaskCompleted], "t", 1)]
    closed = Row("3", TYPE_OF[CaseClosed], "a", 2)
    whole = reckon_work(done, [*rows, closed], ["a"])
    assert (whole.total_missing, whole.total_duplicated) == (0, 0)
    lost = reckon_work(done, rows, [])
    assert {name for name, count in lost.missing.items() if count} == {"closed cases", "closing letters"}
    twice = reckon_work(done, [*rows, closed, closed], ["a", "a"])
    assert twice.total_duplicated == 2


def test_a_parked_event_counts_as_handled_by_the_control() -> None:
    lost = books(inbox={})
    assert never_handled(lost, "workflow") == {"e1"}
    assert never_handled(books(inbox={}, dead_letters={"workflow": [Row("e1")]}), "workflow") == set()


def test_only_receipts_count_as_letters_that_came_twice() -> None:
    letters = [{"to": ["a@x.example"], "kind": "receipt"}] * 3 + [{"to": ["a@x.example"], "kind": "task"}] * 2
    assert letters_twice(letters) == 2
    assert surplus([]) == 0


def result(**more: object) -> Result:
    good: dict[str, object] = {
        "acknowledged": 10,
        "missing": 0,
        "duplicated": 0,
        "faults": 3,
        "control_missing": 4,
        "verify": "clean",
        "seed": 1,
        "kinds": {},
        "skipped": {},
        "recovery_s": {},
        "normal_latency_s": 0.3,
        "work_acknowledged": 5,
        "work_refused": {},
        "parked": 0,
        "findings": [],
        "letters_twice": 0,
        "given_up": 0,
        "refused": {},
        "unhelpful": 0,
    }
    return Result(**(good | more))  # type: ignore[arg-type]


def recovery(kind: str, outage_s: float, caught_up_s: float | None, lasted_s: float = 1.0) -> Recovery:
    return Recovery(kind, kind, lasted_s, outage_s, caught_up_s)


def test_the_last_line_begins_with_the_figures_that_are_asked_for() -> None:
    found = json.loads(result().line())
    assert list(found)[:5] == ["acknowledged", "missing", "duplicated", "faults", "control_missing"]


def test_a_run_is_good_only_when_its_control_lost_something() -> None:
    assert result().good
    for bad in ({"missing": 1}, {"duplicated": 1}, {"verify": "differs"}, {"control_missing": 0}, {"acknowledged": 0}):
        assert not result(**bad).good


@pytest.mark.parametrize(
    "bad", [{"refused": {500: 1}}, {"work_refused": {"409 x": 1}}, {"unhelpful": 1}, {"findings": ["a difference"]}]
)
def test_an_outage_that_looks_like_a_final_refusal_is_not_good(bad: dict[str, object]) -> None:
    assert not result(**bad).good


def test_of_several_strikes_worst_and_median_are_told_and_never_is_worst() -> None:
    assert worst_and_median([1.0, 3.04, 2.0]) == {"worst": 3.0, "median": 2.0}
    assert worst_and_median([1.0, None]) == {"worst": None, "median": 1.0}


def test_recovery_is_told_from_the_faults_begin_and_from_its_end() -> None:
    found = by_kind([recovery("a", 4.0, 6.0), recovery("a", 0.5, 2.0)])["a"]
    assert found["accepted_from_begin"]["worst"] == 4.0
    assert found["accepted_from_end"] == {"worst": 3.0, "median": 1.5}
    assert found["caught_up_from_end"]["worst"] == 5.0


def test_a_fault_is_told_in_one_line() -> None:
    line = recovery_line(Recovery("kind", "kill -9 NATS", 0.0, 0.25, None, "as told"))
    assert line.split() == ["kill", "-9", "NATS", "0.0", "0.2", "never", "as", "told"]
