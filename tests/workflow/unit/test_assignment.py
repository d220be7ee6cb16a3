from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis.errors import Forbidden, Invalid
from workflow.app.timer import addressees
from workflow.domain import authority
from workflow.domain.authority import Person
from workflow.domain.case import Task
from workflow.domain.definition import Department, Label
from workflow.domain.reason import given as given_reason
from workflow.domain.roster import Member, Roster

LABEL = Label("质量", "Quality")
DEPARTMENTS = {
    "quality": Department("quality", LABEL, frozenset({"quality"})),
    "production": Department("production", LABEL, frozenset({"engineer"})),
}


def member(person: str, load: int = 0, **more: object) -> Member:
    values: dict[str, object] = {
        "department": "quality",
        "lead": False,
        "roles": [],
        "absent": False,
        "disabled": False,
    }
    return Member(person_id=person, open_tasks=load, **values | more)  # type: ignore[arg-type]


def person(name: str, *roles: str, department: str | None = None, lead: bool = False) -> Person:
    return Person(name, frozenset(roles), department, lead)


def task(assignee: str | None = "anna") -> Task:
    opened = datetime(2026, 11, 23, tzinfo=UTC)
    return Task(task_id="t", kind="k", department="quality", assignee=assignee, opened_at=opened, number="C26-1")


def test_the_least_loaded_present_member_gets_the_task_and_ties_go_to_the_smallest_id() -> None:
    roster = Roster([member("c", 1), member("b", 2), member("a", 2), member("gone", absent=True)])
    assert [roster.assign("quality") for _ in range(4)] == ["c", "a", "b", "c"]


def test_a_department_without_anyone_present_leaves_the_task_unassigned() -> None:
    roster = Roster([member("a", disabled=True), member("b", department="production")])
    assert roster.assign("quality") is None
    assert roster.assign("kitchen") is None


@given(st.lists(st.integers(0, 20), min_size=1, max_size=8), st.integers(1, 100))
def test_a_batch_ends_as_level_as_it_can(loads: list[int], tasks: int) -> None:
    members = [member(f"p{i}", load) for i, load in enumerate(loads)]
    roster = Roster(members)
    for _ in range(tasks):
        roster.assign("quality")
    raised = [m.open_tasks for m, before in zip(members, loads, strict=True) if m.open_tasks > before]
    assert sum(m.open_tasks for m in members) == sum(loads) + tasks
    assert max(raised) - min(m.open_tasks for m in members) <= 1


@pytest.mark.parametrize(
    ("who", "allowed"),
    [
        (person("anna", "engineer"), True),
        (person("bert", "quality"), True),
        (person("cem", "engineer", department="quality"), True),
        (person("dora", "manager"), True),
        (person("eli", "admin"), True),
        (person("fay", "engineer", department="production"), False),
        (person("gus", "customer_service"), False),
    ],
)
def test_a_task_is_for_its_assignee_its_department_its_role_and_those_above(who: Person, allowed: bool) -> None:
    if allowed:
        authority.require_work(who, task(), DEPARTMENTS)
    else:
        with pytest.raises(Forbidden):
            authority.require_work(who, task(), DEPARTMENTS)


def test_only_assignee_lead_and_managers_hand_a_task_over() -> None:
    for who in (person("anna"), person("lea", department="quality", lead=True), person("max", "manager")):
        authority.require_handover(who, task())
    with pytest.raises(Forbidden):
        authority.require_handover(person("bert", "quality", department="quality"), task())


def test_a_gate_is_waived_by_quality_lead_or_manager_only() -> None:
    authority.require_waiver(person("q", "quality"), "production")
    authority.require_waiver(person("l", department="production", lead=True), "production")
    with pytest.raises(Forbidden):
        authority.require_waiver(person("e", "engineer", department="production"), "production")


def test_channels_and_partners_do_not_see_cases() -> None:
    with pytest.raises(Forbidden):
        authority.require_staff(person("shop", "channel"))


def test_an_overdue_task_climbs_to_the_lead_and_then_to_the_managers() -> None:
    staff = [member("l", lead=True), member("m", department="management", roles=["manager"]), member("x")]
    assert addressees(staff, "quality", 2) == ["l"]
    assert addressees(staff, "quality", 3) == ["m"]
    assert addressees(staff, "production", 2) == ["m"]


@pytest.mark.parametrize(
    "placeholder", ["", "n/a", " N/A. ", "无", "没有。", "test", "xxxxxxxxx", "ok", "……", "不详", "none!"]
)
def test_a_placeholder_is_no_reason(placeholder: str) -> None:
    with pytest.raises(Invalid) as refused:
        given_reason(placeholder)
    assert refused.value.fields[0].field == "reason"


@pytest.mark.parametrize("reason", ["已过保修期", "客户撤诉", "worn out", "  known wear, no safety risk  "])
def test_a_reason_may_be_short_if_it_says_something(reason: str) -> None:
    assert given_reason(reason) == reason.strip()
