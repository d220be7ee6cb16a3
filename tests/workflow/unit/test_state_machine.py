from collections.abc import Callable
from typing import Any

import pytest

from chassis.errors import Conflict, IllegalTransition, Invalid, MissingDeliverable
from workflow.domain import possible
from workflow.domain.case import Act, CaseFile, Outcome
from workflow.domain.closing import close, close_as_duplicate, reopen, skip_investigation
from workflow.domain.completion import complete
from workflow.domain.deliverables import fulfil, waive, withdraw
from workflow.domain.dialogue import comment, respond
from workflow.domain.stages import advance, return_to, settle
from workflow.domain.tasks import reassign, start
from workflow.domain.timing import pause, resume

RESOLVED = Outcome("resolved", "repair", True, True, "", "qa-1")
DIAGNOSIS = {"preliminary_cause": "the seal hardens", "reproduction": "reproduced", "onsite_support": "no"}
CALLBACK = {"callback": {"reached": True, "satisfied": 4}}

COMMANDS: dict[str, Callable[[CaseFile, Act], object]] = {
    possible.ADVANCE: advance,
    possible.RETURN: lambda file, act: return_to(file, "intake", "the record is wrong", act),
    possible.PAUSE: lambda file, act: pause(file, "waiting_for_parts", "", act),
    possible.RESUME: resume,
    possible.SKIP: lambda file, act: skip_investigation(file, "known wear and tear", act),
    possible.CLOSE: lambda file, act: close(file, RESOLVED, act),
    possible.REOPEN: lambda file, act: reopen(file, "it is back", None, act),
    possible.WAIVE: lambda file, act: waive(file, "record_complete", "the customer has died", act),
    possible.COMMENT: lambda file, act: comment(file, "noted", act),
    possible.RESPOND: lambda file, act: respond(file, "phone", "we called", act.at, act),
}


def intake(desk: Any) -> CaseFile:
    return desk.opened()  # type: ignore[no-any-return]


def diagnosis(desk: Any) -> CaseFile:
    return desk.at("diagnosis")  # type: ignore[no-any-return]


def root_cause(desk: Any) -> CaseFile:
    return desk.at("root_cause")  # type: ignore[no-any-return]


def closing(desk: Any) -> CaseFile:
    return desk.at("effectiveness")  # type: ignore[no-any-return]


def paused(desk: Any) -> CaseFile:
    file: CaseFile = desk.at("root_cause")
    pause(file, "waiting_for_parts", "", desk.act())
    return file


def closed_fast(desk: Any) -> CaseFile:
    file: CaseFile = desk.opened()
    skip_investigation(file, "known wear and tear", desk.act())
    close(file, RESOLVED, desk.act())
    return file


def knowledge(desk: Any) -> CaseFile:
    file = closing(desk)
    desk.complete(file, "verify_fix")
    desk.complete(file, "callback", CALLBACK)
    close(file, RESOLVED, desk.act())
    return file


ALWAYS = {possible.COMMENT, possible.RESPOND}
ALLOWED: list[tuple[Callable[[Any], CaseFile], set[str]]] = [
    (intake, {possible.ADVANCE, possible.SKIP, possible.WAIVE, possible.PAUSE} | ALWAYS),
    (diagnosis, {possible.ADVANCE, possible.SKIP, possible.WAIVE, possible.PAUSE, possible.RETURN} | ALWAYS),
    (root_cause, {possible.ADVANCE, possible.WAIVE, possible.PAUSE, possible.RETURN} | ALWAYS),
    (closing, {possible.CLOSE, possible.WAIVE, possible.PAUSE, possible.RETURN} | ALWAYS),
    (paused, {possible.RESUME} | ALWAYS),
    (closed_fast, {possible.REOPEN} | ALWAYS),
    (knowledge, {possible.REOPEN, possible.ADVANCE, possible.WAIVE} | ALWAYS),
]


@pytest.mark.parametrize(("reach", "allowed"), ALLOWED, ids=lambda value: getattr(value, "__name__", ""))
@pytest.mark.parametrize("command", COMMANDS)
def test_every_illegal_transition_is_refused_with_what_is_possible(
    desk: Any, reach: Callable[[Any], CaseFile], allowed: set[str], command: str
) -> None:
    file = reach(desk)
    assert set(possible.possible(file)) - {possible.WORK} == allowed
    if command in allowed:
        return
    before, told = file.case.version, len(file.facts)
    with pytest.raises(IllegalTransition) as refused:
        COMMANDS[command](file, desk.act())
    assert set(refused.value.possible) - {possible.WORK} == allowed
    assert (file.case.version, len(file.facts)) == (before, told)


def test_the_last_thing_a_stage_waits_for_moves_the_case_on(desk: Any) -> None:
    file = desk.opened()
    desk.complete(file, "grade_review")
    assert file.case.stage == "diagnosis"
    entered = next(fact for fact in file.facts if fact.name == "CaseStageEntered")
    assert (entered.fields["from_stage"], entered.fields["from_outcome"]) == ("intake", "done")
    assert entered.fields["task"]["kind"] == "diagnose"
    assert "TaskAssigned" not in desk.told(file)


def test_a_stage_with_two_tasks_tells_of_the_second_one_by_itself(desk: Any) -> None:
    file = desk.at("effectiveness")
    told = [fact.fields["kind"] for fact in file.facts if fact.name == "TaskAssigned"]
    assert told == ["callback"]


def test_every_change_raises_the_version_and_no_two_events_share_one(desk: Any) -> None:
    file = desk.at("effectiveness")
    sequences = [fact.sequence for fact in file.facts if fact.subject == file.case.case_id]
    assert sequences == sorted(set(sequences))
    assert sequences[-1] <= file.case.version


def test_an_urgent_case_waits_for_containment_before_root_cause(desk: Any) -> None:
    file = desk.opened(grade="urgent")
    desk.complete(file, "grade_review")
    desk.complete(file, "diagnose", DIAGNOSIS)
    with pytest.raises(MissingDeliverable) as refused:
        advance(file, desk.act())
    assert refused.value.possible == ["containment"]
    desk.hear(file, "containment")
    assert file.case.stage == "root_cause"


def test_advancing_names_open_tasks_deliverables(desk: Any) -> None:
    with pytest.raises(MissingDeliverable) as refused:
        advance(desk.at("diagnosis"), desk.act())
    assert refused.value.possible == ["preliminary_cause", "reproduction", "onsite_support"]


def test_finished_work_that_is_linked_opens_three_gates_at_once(desk: Any) -> None:
    file = desk.at("root_cause")
    before = len(file.facts)
    desk.hear(file, "rca_completed", "capa_approved", "capa_implemented")
    entered = [fact.fields for fact in file.facts[before:] if fact.name == "CaseStageEntered"]
    assert [fields["stage"] for fields in entered] == ["capa_planning", "execution", "effectiveness"]
    assert [fields["task"] is not None for fields in entered] == [False, False, True]
    assert [visit.outcome for visit in file.visits] == ["done"] * 5 + [None]


def test_the_fast_path_records_what_it_skipped_and_who(desk: Any) -> None:
    file = desk.at("diagnosis")
    skip_investigation(file, "known wear and tear", desk.act("te-1"))
    assert (file.case.path, file.case.skipped_by, file.case.stage) == ("fast", "te-1", "effectiveness")
    assert file.undone() == []
    assert [(v.stage, v.outcome) for v in file.visits][1:] == [
        ("diagnosis", "skipped"),
        ("root_cause", "skipped"),
        ("capa_planning", "skipped"),
        ("execution", "skipped"),
        ("effectiveness", None),
    ]
    close(file, RESOLVED, desk.act("cs-1"))
    assert file.case.state == "closed"
    assert file.visits[-1].stage == "knowledge"
    assert file.visits[-1].outcome == "skipped"


def test_the_full_path_closes_with_both_deliverables_and_goes_on_to_knowledge(desk: Any) -> None:
    file = desk.at("effectiveness")
    desk.complete(file, "callback", CALLBACK)
    with pytest.raises(MissingDeliverable) as refused:
        close(file, RESOLVED, desk.act())
    assert refused.value.possible == ["fix_verified"]
    desk.complete(file, "verify_fix")
    close(file, RESOLVED, desk.act())
    assert (file.case.state, file.case.stage) == ("closed", "knowledge")
    desk.hear(file, "knowledge_published")
    assert file.undone() == []
    assert file.visits[-1].outcome == "done"


@pytest.mark.parametrize(
    ("outcome", "field"),
    [
        (Outcome("gone", None, None, None, "", "x"), "outcome.code"),
        (Outcome("resolved", None, None, None, "", "x"), "outcome.remedy"),
        (Outcome("resolved", "a cake", None, None, "", "x"), "outcome.remedy"),
        (Outcome("not_justified", None, None, True, "", "x"), "outcome.justified"),
    ],
)
def test_an_incomplete_outcome_is_refused(desk: Any, outcome: Outcome, field: str) -> None:
    file = desk.opened()
    skip_investigation(file, "known wear and tear", desk.act())
    with pytest.raises(Invalid) as refused:
        close(file, outcome, desk.act())
    assert [fault.field for fault in refused.value.fields] == [field]
    assert file.case.state == "open"


def test_reopening_keeps_the_first_close_and_the_first_outcome(desk: Any) -> None:
    file = closed_fast(desk)
    first = file.case.closed_first_at
    desk.wait(days=1)
    reopen(file, "the fault is back", "root_cause", desk.act())
    assert (file.case.state, file.case.stage, file.case.path, file.case.outcome) == ("open", "root_cause", "full", None)
    assert desk.task(file, "analyse").state == "open"
    desk.hear(file, "rca_completed", "capa_approved", "capa_implemented")
    desk.complete(file, "verify_fix")
    desk.complete(file, "callback", CALLBACK)
    desk.wait(days=1)
    close(file, Outcome("resolved", "refund", True, True, "", "qa-1"), desk.act())
    assert file.case.closed_first_at == first
    assert file.case.first_outcome is not None
    assert file.case.outcome is not None
    assert (file.case.first_outcome.remedy, file.case.outcome.remedy) == ("repair", "refund")
    closes = [fact.fields["first"] for fact in file.facts if fact.name == "CaseClosed"]
    assert closes == [True, False]


def test_a_case_reopens_only_in_a_stage_before_its_close(desk: Any) -> None:
    with pytest.raises(IllegalTransition) as refused:
        reopen(closed_fast(desk), "it is back", "knowledge", desk.act())
    assert "knowledge" not in refused.value.possible


def test_a_return_asks_again_for_what_the_stage_delivers(desk: Any) -> None:
    file = desk.at("root_cause")
    return_to(file, "diagnosis", "the diagnosis names the wrong part", desk.act("qa-1"))
    assert (file.case.stage, file.case.visit) == ("diagnosis", 2)
    assert [task.kind for task in file.undone()] == ["diagnose"]
    assert "preliminary_cause" in file.missing()
    desk.complete(file, "diagnose", DIAGNOSIS)
    assert (file.case.stage, file.case.visit) == ("root_cause", 2)


def test_a_return_goes_only_to_a_stage_the_case_has_been_in(desk: Any) -> None:
    with pytest.raises(IllegalTransition) as refused:
        return_to(desk.at("diagnosis"), "execution", "no good reason", desk.act())
    assert refused.value.possible == ["intake"]
    with pytest.raises(Invalid):
        return_to(desk.at("diagnosis"), "kitchen", "no good reason", desk.act())


def test_a_withdrawal_before_the_gate_closes_it_again(desk: Any) -> None:
    file = desk.at("diagnosis", grade="urgent")
    desk.hear(file, "rca_completed", ref="rca-1", sequence=4)
    withdraw(file, "rca_completed", "rca-1", desk.act("service:capa"), sequence=5)
    desk.complete(file, "diagnose", DIAGNOSIS)
    desk.hear(file, "containment")
    assert file.case.stage == "root_cause"
    assert file.missing() == ["rca_completed"]
    assert [task.kind for task in file.undone()] == ["analyse"]


def test_a_withdrawal_after_the_gate_asks_the_stages_owner_and_blocks_the_close(desk: Any) -> None:
    file = desk.at("effectiveness")
    withdraw(file, "rca_completed", "ref-1", desk.act("service:capa"), sequence=9)
    review = desk.task(file, "withdrawn_review")
    assert (review.department, review.ref) == ("quality", "ref-1")
    with pytest.raises(Conflict) as refused:
        complete(file, review, desk.act(), "", {})
    assert refused.value.possible == ["return", "waive"]
    desk.complete(file, "verify_fix")
    desk.complete(file, "callback", CALLBACK)
    with pytest.raises(MissingDeliverable) as owed:
        close(file, RESOLVED, desk.act())
    assert owed.value.possible == ["rca_completed"]
    waive(file, "rca_completed", "the cause is known from another case", desk.act("boss"))
    assert file.undone() == []
    close(file, RESOLVED, desk.act())


def test_returning_to_the_withdrawn_stage_answers_the_review(desk: Any) -> None:
    file = desk.at("effectiveness")
    withdraw(file, "rca_completed", "ref-1", desk.act("service:capa"), sequence=9)
    return_to(file, "root_cause", "the cause was wrong", desk.act("qa-1"))
    assert [task.kind for task in file.undone()] == ["analyse"]
    assert file.missing() == ["rca_completed"]


def test_a_return_that_stops_later_leaves_the_review_open(desk: Any) -> None:
    file = desk.at("effectiveness")
    withdraw(file, "rca_completed", "ref-1", desk.act("service:capa"), sequence=9)
    return_to(file, "execution", "an action is missing", desk.act("qa-1"))
    assert sorted(task.kind for task in file.undone()) == ["follow_up", "withdrawn_review"]


def test_news_about_a_deliverable_counts_by_its_own_sequence(desk: Any) -> None:
    file = desk.at("diagnosis")
    act = desk.act("service:capa")
    assert withdraw(file, "rca_completed", "rca-1", act, sequence=5)
    assert not fulfil(file, "rca_completed", "rca-1", act, sequence=4)
    assert fulfil(file, "rca_completed", "rca-2", act, sequence=1)
    assert not withdraw(file, "rca_completed", "rca-1", act, sequence=6)
    assert file.satisfied("rca_completed")


def test_a_closed_case_keeps_its_end_when_its_capa_is_reopened(desk: Any) -> None:
    file = knowledge(desk)
    withdraw(file, "capa_implemented", "capa-1", desk.act("service:capa"), sequence=9)
    assert [task.kind for task in file.undone()] == ["publish_knowledge"]
    assert file.case.state == "closed"


def test_a_waived_deliverable_opens_the_gate_and_cancels_its_task(desk: Any) -> None:
    file = desk.at("root_cause")
    waive(file, "rca_completed", "the supplier has answered already", desk.act("boss"))
    settle(file, desk.act("boss"))
    assert file.case.stage == "capa_planning"
    assert file.deliverables["rca_completed"].reason == "the supplier has answered already"
    with pytest.raises(IllegalTransition):
        waive(file, "rca_completed", "once more for luck", desk.act("boss"))


def test_what_arrives_during_a_pause_opens_its_gate_at_resumption(desk: Any) -> None:
    file = desk.at("root_cause")
    pause(file, "waiting_for_supplier", "", desk.act())
    desk.hear(file, "rca_completed")
    assert file.case.stage == "root_cause"
    resume(file, desk.act())
    assert file.case.stage == "capa_planning"


def test_a_merged_complaint_ends_as_a_duplicate_wherever_it_stands(desk: Any) -> None:
    file = paused(desk)
    assert close_as_duplicate(file, "case-2", desk.act("service:intake"))
    assert file.case.outcome is not None
    assert (file.case.state, file.case.outcome.code, file.undone()) == ("closed", "duplicate", [])
    assert not close_as_duplicate(file, "case-2", desk.act("service:intake"))
    assert desk.told(file).count("CaseClosed") == 1


def test_a_task_is_started_handed_over_and_completed_once(desk: Any) -> None:
    file = desk.opened()
    task = desk.task(file, "grade_review")
    start(file, task, desk.act("cs-2"))
    with pytest.raises(IllegalTransition):
        start(file, task, desk.act("cs-2"))
    reassign(file, task, "cs-2", "customer_service", "on holiday from tomorrow", desk.act("cs-1"))
    desk.complete(file, "grade_review")
    with pytest.raises(IllegalTransition):
        complete(file, task, desk.act(), "", {})
    assert desk.told(file)[1:3] == ["TaskAssigned", "TaskCompleted"]


def test_nothing_is_worked_on_while_the_case_is_paused(desk: Any) -> None:
    file = paused(desk)
    with pytest.raises(IllegalTransition) as refused:
        start(file, file.undone()[0], desk.act())
    assert refused.value.possible == ["resume"]


@pytest.mark.parametrize(
    ("kind", "values", "field"),
    [
        ("diagnose", DIAGNOSIS | {"reproduction": "maybe"}, "deliverables.reproduction"),
        ("diagnose", DIAGNOSIS | {"preliminary_cause": 7}, "deliverables.preliminary_cause"),
        ("diagnose", DIAGNOSIS | {"cake": "yes"}, "deliverables.cake"),
        ("callback", {"callback": {"reached": "yes"}}, "deliverables.callback"),
        ("callback", {"callback": {"reached": True, "satisfied": 6}}, "deliverables.callback"),
        ("callback", {"callback": {"reached": False, "satisfied": 3}}, "deliverables.callback"),
        ("callback", {"callback": "fine"}, "deliverables.callback"),
        ("verify_fix", {"fix_verified": False}, "deliverables.fix_verified"),
    ],
)
def test_a_deliverable_of_the_wrong_form_is_named(desk: Any, kind: str, values: dict[str, Any], field: str) -> None:
    file = desk.at("diagnosis" if kind == "diagnose" else "effectiveness")
    with pytest.raises(Invalid) as refused:
        desk.complete(file, kind, values)
    assert [fault.field for fault in refused.value.fields] == [field]
    assert desk.task(file, kind).state == "open"


def test_a_task_without_its_deliverables_is_refused_by_name(desk: Any) -> None:
    file = desk.at("diagnosis")
    with pytest.raises(MissingDeliverable) as refused:
        desk.complete(file, "diagnose", {"reproduction": "reproduced"})
    assert refused.value.possible == ["preliminary_cause", "onsite_support"]


def test_a_task_that_ends_with_an_event_is_not_ended_by_hand_before_it(desk: Any) -> None:
    with pytest.raises(MissingDeliverable) as refused:
        desk.complete(desk.at("root_cause"), "analyse")
    assert refused.value.possible == ["rca_completed"]
