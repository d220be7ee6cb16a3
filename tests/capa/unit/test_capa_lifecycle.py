from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import product
from typing import Any

import pytest

from capa.domain import actions, lifecycle
from capa.domain.capa import STATES, Capa, Check
from capa.domain.lifecycle import FROM, possible
from capa.domain.plan import set_effectiveness_plan, whole
from chassis.errors import Conflict, IllegalTransition, Invalid, MissingDeliverable

Make = Callable[..., Any]

NOW = datetime.fromisoformat("2026-11-22T09:00:00+00:00")
CHECK = Check("effective", 0, 1, 6, "", "carla", NOW)
COMMANDS: dict[str, Callable[[Capa], Any]] = {
    "cancel_action": lambda capa: actions.cancel_action(capa, "a1", "too weak"),
    "set_effectiveness_plan": lambda capa: set_effectiveness_plan(capa, capa.plan),  # type: ignore[arg-type]
    "add_action": lambda capa: actions.add_action(
        capa, replace(capa.actions[0], type="preventive", root_cause=None), None, NOW
    ),
    "submit": lambda capa: lifecycle.submit(capa, "anna"),
    "approve": lambda capa: lifecycle.approve(capa, "mara", None, NOW),
    "reject": lambda capa: lifecycle.reject(capa, "too weak"),
    "complete_action": lambda capa: actions.complete_action(capa, "a1", ["photo"], "otto", NOW),
    "extend_action": lambda capa: actions.extend_action(capa, "a1", NOW + timedelta(days=30), "late", "anna", NOW),
    "conclude_effectiveness": lambda capa: lifecycle.conclude(capa, CHECK),
    "cancel": lambda capa: lifecycle.cancel(capa, "phased out", NOW),
    "reopen": lambda capa: lifecycle.reopen(capa, "it came back"),
}
LEADS_TO = {
    "submit": "planned",
    "approve": "implementing",
    "reject": "opened",
    "complete_action": "verifying",
    "conclude_effectiveness": "effective",
    "cancel": "cancelled",
    "reopen": "opened",
}


def test_every_command_but_close_is_tried_here() -> None:
    assert {*COMMANDS, "close"} == set(FROM)


@pytest.mark.parametrize(("command", "state"), [(c, s) for c, s in product(COMMANDS, STATES) if s not in FROM[c]])
def test_an_illegal_transition_says_what_is_possible(make_capa: Make, command: str, state: str) -> None:
    capa = make_capa(state)
    with pytest.raises(IllegalTransition) as refused:
        COMMANDS[command](capa)
    assert refused.value.possible == possible(capa)
    assert command not in refused.value.possible


@pytest.mark.parametrize(("command", "state"), [(c, s) for c, s in product(COMMANDS, STATES) if s in FROM[c]])
def test_a_legal_transition_leads_where_the_life_cycle_says(make_capa: Make, command: str, state: str) -> None:
    assert COMMANDS[command](make_capa(state)).state == LEADS_TO.get(command, state)


@pytest.mark.parametrize(
    ("state", "missing"),
    [
        ("opened", ["submitted_plan", "plan_approval", "open_actions", "verdict_effective"]),
        ("planned", ["plan_approval", "open_actions", "verdict_effective"]),
        ("implementing", ["open_actions", "verdict_effective"]),
        ("verifying", ["verdict_effective"]),
        ("not_effective", ["verdict_effective"]),
        ("insufficient_exposure", ["verdict_effective"]),
    ],
)
def test_closing_without_a_verdict_names_what_is_missing(make_capa: Make, state: str, missing: list[str]) -> None:
    with pytest.raises(Conflict) as refused:
        lifecycle.close(make_capa(state), NOW)
    assert refused.value.slug == "not_proven_effective"
    assert refused.value.possible == missing


@pytest.mark.parametrize("state", ["closed", "cancelled"])
def test_what_is_over_does_not_close_again(make_capa: Make, state: str) -> None:
    with pytest.raises(IllegalTransition):
        lifecycle.close(make_capa(state), NOW)


@pytest.mark.parametrize("hand", ["anna", "sven", "petra"])
def test_no_hand_of_the_plan_approves_it(make_capa: Make, make_action: Make, make_plan: Make, hand: str) -> None:
    capa = make_capa(
        "planned",
        plan_author="anna",
        plan=replace(make_plan(), set_by="sven"),
        actions=(make_action(added_by="petra"),),
    )
    for by, on_behalf_of in ((hand, None), ("mara", hand)):
        with pytest.raises(Conflict) as refused:
            lifecycle.approve(capa, by, on_behalf_of, NOW)
        assert refused.value.audited
    assert lifecycle.approve(capa, "mara", None, NOW).approved_by == "mara"


def test_an_approval_assigns_planned_actions_only(make_capa: Make, make_action: Make) -> None:
    states = ("planned", "cancelled", "done")
    capa = make_capa("planned", actions=tuple(make_action(f"a{n}", state=s) for n, s in enumerate(states)))
    approved = lifecycle.approve(capa, "mara", None, NOW)
    assert [action.state for action in approved.actions] == ["assigned", "cancelled", "done"]


def test_the_window_starts_with_the_last_action(make_capa: Make, make_action: Make) -> None:
    capa = make_capa("implementing", actions=(make_action("a1", state="assigned"), make_action("a2", state="assigned")))
    capa = actions.complete_action(capa, "a1", ["photo"], "otto", NOW)
    assert (capa.state, capa.window_ends_at()) == ("implementing", None)
    capa = actions.complete_action(capa, "a2", ["photo"], "otto", NOW)
    assert (capa.state, capa.window_ends_at()) == ("verifying", NOW + timedelta(days=30))


def test_an_action_in_the_past_is_refused(make_capa: Make, make_action: Make) -> None:
    with pytest.raises(Invalid):
        actions.add_action(make_capa(), make_action(type="preventive", root_cause=None, due_original=NOW), None, NOW)


def test_a_plan_of_corrections_only_is_not_whole(make_capa: Make, make_action: Make) -> None:
    correction = make_action(type="correction", root_cause=None)
    with pytest.raises(MissingDeliverable) as refused:
        whole(make_capa("opened", actions=(correction,), plan=None), None)
    assert refused.value.possible == ["effectiveness_plan", "corrective_or_preventive_action"]


def test_a_checker_carries_no_action(make_capa: Make, make_plan: Make) -> None:
    with pytest.raises(Conflict):
        set_effectiveness_plan(make_capa(), make_plan(checker="otto"))
    with pytest.raises(Conflict):
        whole(make_capa(plan=make_plan(checker="otto")), None)


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"window_days": 0}, "plan.window_days"),
        ({"window_days": -1}, "plan.window_days"),
        ({"baseline": 0.0}, "plan.baseline"),
        ({"baseline": float("nan")}, "plan.baseline"),
        ({"minimum_exposure": 0.0}, "plan.minimum_exposure"),
        ({"target": 6.0}, "plan.target"),
        ({"target": -1.0}, "plan.target"),
        ({"method": "verification_test", "baseline": 1.5}, "plan.baseline"),
        ({"method": "hope"}, "plan.method"),
        ({"metric": " "}, "plan.metric"),
    ],
)
def test_a_criterion_that_cannot_be_checked_is_refused(
    make_capa: Make, make_plan: Make, fields: dict[str, Any], wrong: str
) -> None:
    with pytest.raises(Invalid) as refused:
        set_effectiveness_plan(make_capa(), make_plan(**fields))
    assert wrong in {entry.field for entry in refused.value.fields}


def test_a_verification_test_may_have_no_window(make_capa: Make, make_plan: Make) -> None:
    plan = make_plan(method="verification_test", baseline=0.3, window_days=0, minimum_exposure=30)
    assert set_effectiveness_plan(make_capa(), plan).plan == plan
