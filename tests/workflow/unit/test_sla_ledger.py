from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chassis.errors import Invalid
from workflow.domain.case import Outcome
from workflow.domain.closing import close, reopen, skip_investigation
from workflow.domain.dialogue import respond
from workflow.domain.grading import regrade
from workflow.domain.notices import announce
from workflow.domain.sla import working_seconds
from workflow.domain.timing import pause, resume

RESOLVED = Outcome("resolved", "repair", True, True, "", "qa-1")


def hours(number: float) -> timedelta:
    return timedelta(hours=number)


def test_urgent_runs_around_the_clock_and_routine_in_working_time(desk: Any) -> None:
    urgent, routine = desk.opened(grade="urgent"), desk.opened(grade="routine")
    assert urgent.case.due_at == desk.time + hours(24)
    assert urgent.case.response_due_at == desk.time + hours(2)
    # Ten working days from Monday 09:00 end on the second Friday at 18:00.
    assert routine.case.due_at == desk.time + timedelta(days=11) + hours(9)
    assert routine.case.response_due_at == desk.time + hours(9)


def test_a_pause_moves_the_current_deadline_and_never_the_original(desk: Any) -> None:
    file = desk.opened(grade="important")
    original, stage_due = file.case.due_at, file.case.stage_due_at
    desk.wait(hours=1)
    pause(file, "waiting_for_parts", "the pump comes on Friday", desk.act())
    assert file.tasks[0].escalate_at is None
    desk.wait(hours=2)
    resume(file, desk.act())
    assert file.case.due_at == original
    assert file.case.due_current_at == file.calendar.add_working(original, 7200)
    assert file.case.stage_due_at == stage_due + hours(2)
    assert file.tasks[0].due_at == file.case.stage_due_at
    assert file.facts[-1].fields["paused_seconds"] == 7200
    assert [entry.kind for entry in file.ledger] == ["start", "pause", "resume"]


def test_a_pause_over_the_weekend_costs_a_working_clock_nothing(desk: Any) -> None:
    file = desk.opened(grade="important")
    desk.wait(days=4, hours=9)
    pause(file, "waiting_for_customer", "", desk.act())
    before = file.case.due_current_at
    desk.wait(days=2, hours=15)
    resume(file, desk.act())
    assert file.case.due_current_at == before


def test_a_pause_needs_one_of_the_named_reasons(desk: Any) -> None:
    with pytest.raises(Invalid) as refused:
        pause(desk.opened(), "having_lunch", "", desk.act())
    assert refused.value.fields[0].field == "reason_code"


def test_a_downgrade_keeps_the_original_due_date_and_an_upgrade_shortens_the_current(desk: Any) -> None:
    file = desk.opened(grade="important")
    original, response = file.case.due_at, file.case.response_due_at
    desk.wait(minutes=10)
    regrade(file, "routine", "wrong_then", 2, desk.act("service:intake"))
    assert file.case.due_at == original
    assert file.case.due_current_at > original
    assert file.case.response_due_at == response
    regrade(file, "urgent", "new_information", 3, desk.act("service:intake"))
    assert file.case.due_at == original
    assert file.case.due_current_at == file.case.opened_at + hours(24)
    assert file.case.response_due_at == file.case.opened_at + hours(2)
    assert desk.told(file).count("CaseDueChanged") == 2


def test_an_older_regrade_is_ignored(desk: Any) -> None:
    file = desk.opened()
    assert regrade(file, "urgent", "wrong_then", 3, desk.act())
    assert not regrade(file, "important", "wrong_then", 2, desk.act())
    assert file.case.grade == "urgent"


def test_an_upgrade_in_diagnosis_asks_for_containment_and_a_downgrade_opens_the_gate(desk: Any) -> None:
    file = desk.at("diagnosis", grade="important")
    desk.complete(
        file, "diagnose", {"preliminary_cause": "hard seal", "reproduction": "reproduced", "onsite_support": "no"}
    )
    assert file.missing() == ["containment"]
    regrade(file, "routine", "wrong_then", 2, desk.act("service:intake"))
    assert file.case.stage == "root_cause"


def test_a_reopened_case_gets_the_stages_hours_and_the_closed_spell_does_not_count(desk: Any) -> None:
    file = desk.opened(grade="urgent")
    skip_investigation(file, "known wear and tear", desk.act())
    desk.wait(hours=3)
    close(file, RESOLVED, desk.act())
    desk.wait(hours=10)
    reopen(file, "the fault is back", None, desk.act())
    assert file.case.due_at == file.case.opened_at + hours(24)
    assert file.case.due_current_at == file.case.opened_at + hours(24 + 10 + 2)
    assert [entry.kind for entry in file.ledger] == ["start", "stop", "resume", "extend"]


def test_the_working_clock_leaves_out_pauses_and_closed_spells(desk: Any) -> None:
    file = desk.opened()
    desk.wait(hours=1)
    pause(file, "waiting_for_customer", "", desk.act())
    desk.wait(hours=1)
    assert working_seconds(file.calendar, file.ledger, desk.time) == 3600
    resume(file, desk.act())
    desk.wait(hours=1)
    assert working_seconds(file.calendar, file.ledger, desk.time) == 7200


def test_a_historical_case_has_no_clock(desk: Any) -> None:
    file = desk.opened(historical=True)
    assert (file.case.due_at, file.case.response_due_at, file.tasks, file.ledger) == (None, None, [], [])
    regrade(file, "urgent", "wrong_then", 2, desk.act())
    assert file.case.due_current_at is None


def test_a_deadline_is_announced_once_near_and_once_passed(desk: Any) -> None:
    case = desk.opened(grade="urgent").case
    assert announce(case, desk.time) == []
    said = [announce(case, desk.time + hours(h)) for h in (1.7, 1.7, 2.1, 20, 25, 30)]
    assert [[(event, clock) for event, clock, _ in moment] for moment in said] == [
        [("SlaWarning", "response")],
        [],
        [("SlaBreached", "response")],
        [("SlaWarning", "case")],
        [("SlaBreached", "case")],
        [],
    ]


def test_a_timer_that_slept_through_both_says_the_worse(desk: Any) -> None:
    case = desk.opened(grade="urgent").case
    assert [event for event, _, _ in announce(case, desk.time + timedelta(days=3))] == ["SlaBreached", "SlaBreached"]


def test_an_answer_ends_the_wait_for_the_first_response(desk: Any) -> None:
    file = desk.opened(grade="urgent")
    respond(file, "phone", "we are on it", desk.time, desk.act())
    respond(file, "phone", "and again", desk.time, desk.act())
    assert [fact.fields["first"] for fact in file.facts if fact.name == "ResponseSent"] == [True, False]
    assert [clock for _, clock, _ in announce(file.case, desk.time + timedelta(days=3))] == ["case"]


def test_an_answer_tells_the_working_time_it_took_however_late_it_is_recorded(desk: Any) -> None:
    file = desk.opened(grade="routine")
    desk.wait(hours=1)
    answered = desk.time
    pause(file, "waiting_for_parts", "", desk.act())
    desk.wait(hours=1)
    resume(file, desk.act())
    desk.wait(hours=1)
    respond(file, "phone", "told now", desk.time, desk.act())
    respond(file, "phone", "told then, written down now", answered, desk.act())
    worked = [fact.fields["working_seconds"] for fact in file.facts if fact.name == "ResponseSent"]
    assert worked == [7200, 3600]
    assert [fact.fields["first"] for fact in file.facts if fact.name == "ResponseSent"] == [True, True]
    assert file.case.first_response_at == answered


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["pause", "routine", "important", "urgent"]), st.integers(1, 50)), max_size=8)
)
def test_whatever_happens_the_original_due_date_stays(desk: Any, moves: list[tuple[str, int]]) -> None:
    file = desk.opened(grade="important")
    original = file.case.due_at
    for sequence, (move, spell) in enumerate(moves, start=2):
        if move == "pause":
            before = file.case.due_current_at
            pause(file, "waiting_for_parts", "", desk.act())
            desk.wait(hours=spell)
            resume(file, desk.act())
            assert file.case.due_current_at >= before
        else:
            regrade(file, move, "new_information", sequence, desk.act())
        assert file.case.due_at == original
