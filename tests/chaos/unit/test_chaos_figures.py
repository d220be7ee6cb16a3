"""The arithmetic behind the chaos run's verdict."""

import json
from datetime import UTC, datetime
from itertools import islice

import pytest

from redress.catalog import TYPE_OF
from redress.intake.v1.events import ComplaintRegistered
from redress.workflow.v1.events import CaseOpened
from redressctl.load.acks import Ack
from redressctl.verify.books import Books, Row
from tests.chaos.faults import every_fault, names, short_faults
from tests.chaos.reckoning import letters_twice, never_handled, reckon, surplus
from tests.chaos.recovery import Probe, Recovery, calm_since, outage_s
from tests.chaos.report import Result, recovery_line, worst
from tests.chaos.schedule import rounds, until_time

REGISTERED, OPENED = TYPE_OF[ComplaintRegistered], TYPE_OF[CaseOpened]
NOW = datetime(2026, 11, 22, 9, tzinfo=UTC)


def probe(begun: float, took: float = 0.1, accepted: bool = True) -> Probe:
    return Probe(begun, begun + took, accepted)


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


def test_a_round_holds_every_fault_once_and_the_next_has_another_order() -> None:
    of = list(range(20))
    first, second = (list(islice(stream, 20)) for stream in [rounds(of, seed=3)] * 2)
    assert sorted(first) == sorted(second) == of
    assert first != second


def test_equal_seeds_give_equal_orders() -> None:
    assert list(islice(rounds("abcdef", 5), 12)) == list(islice(rounds("abcdef", 5), 12))


def test_no_fault_begins_when_the_time_is_over() -> None:
    assert list(until_time(iter("abcd"), 10, iter([0.0, 4.0, 9.9, 10.0]))) == ["a", "b", "c"]


def test_every_service_and_server_is_killed_and_stopped() -> None:
    found = names(every_fault())
    for part in ("intake", "workflow", "capa", "notify", "analytics", "gateway", "NATS", "PostgreSQL"):
        assert f"kill -9 {part}" in found
        assert f"SIGSTOP {part}" in found
    assert {"SIGSTOP relay of intake", "NATS stopped", "store reverted"} <= set(found)
    assert {"SIGSTOP relay of intake", "store reverted", "kill -9 PostgreSQL"} <= set(names(short_faults()))


def test_calm_begins_with_the_first_of_enough_prompt_probes() -> None:
    assert calm_since(steady(0, 3), at=0.0) is None
    assert calm_since(steady(0, 8), at=0.5) == pytest.approx(0.6)


def test_a_refusal_or_a_slow_answer_ends_the_calm() -> None:
    refused = [*steady(0, 5), probe(1.0, accepted=False), *steady(1.2, 4)]
    assert calm_since(refused, at=0.0) is None
    slow = [*steady(0, 5), probe(1.0, took=1.5), *steady(2.6, 5)]
    assert calm_since(slow, at=0.0) == pytest.approx(2.6)


def test_an_outage_lasts_until_the_last_probe_that_failed() -> None:
    probes = [*steady(0, 5), probe(1.0, accepted=False), probe(1.2, took=2.0, accepted=False), *steady(3.2, 6)]
    assert outage_s(probes, fault_at=0.9, calm_at=3.2) == pytest.approx(2.3)
    assert outage_s(steady(0, 9), fault_at=0.9, calm_at=1.0) == 0


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
        "recovery_s": {},
        "through_s": {},
        "letters_twice": 0,
        "given_up": 0,
        "refused": {},
        "seed": 1,
    }
    return Result(**(good | more))  # type: ignore[arg-type]


def test_the_last_line_begins_with_the_figures_that_are_asked_for() -> None:
    found = json.loads(result().line())
    assert list(found)[:5] == ["acknowledged", "missing", "duplicated", "faults", "control_missing"]


def test_a_run_is_good_only_when_its_control_lost_something() -> None:
    assert result().good
    for bad in ({"missing": 1}, {"duplicated": 1}, {"verify": "differs"}, {"control_missing": 0}, {"acknowledged": 0}):
        assert not result(**bad).good


def test_an_outage_that_looks_like_a_final_refusal_is_not_good() -> None:
    assert not result(refused={500: 1}).good


def test_of_several_strikes_the_worst_is_told_and_never_is_worst() -> None:
    assert worst([("a", 1.0), ("a", 3.04), ("b", None), ("b", 2.0)]) == {"a": 3.0, "b": None}


def test_a_fault_is_told_in_one_line() -> None:
    line = recovery_line(Recovery("kill -9 NATS", 0.0, 0.25, "as told"), None)
    assert line.split() == ["kill", "-9", "NATS", "0.0", "0.2", "never", "as", "told"]
