from datetime import UTC, datetime, timedelta
from typing import Any

from chassis.ids import new_id
from redress.capa.v1 import events as capa
from redress.gateway.v1 import events as gateway
from redress.intake.v1 import events as intake
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app import queries
from workflow.app.opening import open_cases

NOW = datetime.now(UTC)


def rca_completed(rca: str, *cases: str) -> capa.RcaCompleted:
    return capa.RcaCompleted(
        rca_id=rca,
        number="R-1",
        case_ids=list(cases),
        legs=["occurrence"],
        categories=["material"],
        responsible_department="production",
        at=NOW,
    )


def rca_withdrawn(rca: str, *cases: str) -> capa.RcaWithdrawn:
    return capa.RcaWithdrawn(rca_id=rca, number="R-1", case_ids=list(cases), at=NOW)


def regraded(case_id: str, grade: Any) -> intake.ComplaintRegraded:
    return intake.ComplaintRegraded(
        complaint_id=case_id, old_grade="routine", grade=grade, reason_code="new_information", at=NOW
    )


async def test_a_batch_of_a_hundred_costs_a_handful_of_statements(real: Any, counting: Any) -> None:
    await real.staff()

    async def statements(number: int) -> int:
        batch = [real.event(real.registered(case_id), case_id) for case_id in (new_id() for _ in range(number))]
        async with real.db.tx() as tx:
            counter = counting(tx)
            await open_cases(tx, batch)
            await tx.flush()
            return int(counter.statements)

    one, hundred = await statements(1), await statements(100)
    assert one == hundred <= 12
    loads = {p: await real.value("SELECT count(*) FROM tasks WHERE assignee = $1", p) for p in ("cs-1", "cs-2")}
    assert sorted(loads.values()) == [50, 51]


async def test_the_same_complaint_opens_one_case(real: Any) -> None:
    case_id = new_id()
    event = real.event(real.registered(case_id), case_id)
    await real.react(event, real.event(real.registered(case_id), case_id))
    await real.react(event)
    assert await real.names() == ["case.opened"]
    assert await real.value("SELECT count(*) FROM cases") == 1


async def test_a_deliverable_that_comes_before_its_case_counts_when_the_case_gets_there(real: Any) -> None:
    case_id, rca = new_id(), new_id()
    await real.react(real.event(rca_completed(rca, case_id), rca, 3))
    await real.react(real.event(real.registered(case_id), case_id))
    await real.complete(case_id, "grade_review")
    await real.complete(
        case_id, "diagnose", {"preliminary_cause": "seal", "reproduction": "reproduced", "onsite_support": "no"}
    )
    case = await real.case(case_id)
    assert (case.stage, list(case.rca_ids)) == ("capa_planning", [rca])
    timeline = await real.run(queries.get_timeline, pb.GetCaseRequest(case_id=case_id))
    assert "rca.completed" in [entry.kind for entry in timeline.entries]


async def test_a_withdrawal_that_overtakes_its_completion_wins(real: Any) -> None:
    case_id = await real.to_root_cause()
    rca = new_id()
    await real.react(real.event(rca_withdrawn(rca, case_id), rca, 4))
    await real.react(real.event(rca_completed(rca, case_id), rca, 3))
    case = await real.case(case_id)
    assert case.stage == "root_cause"
    assert [d.state for d in case.deliverables if d.kind == "rca_completed"] == ["withdrawn"]
    await real.react(real.event(rca_completed(rca, case_id), rca, 5))
    assert (await real.case(case_id)).stage == "capa_planning"


async def test_a_withdrawal_after_the_gate_becomes_a_task_of_the_stages_owner(real: Any) -> None:
    case_id, rca = await real.to_root_cause(), new_id()
    await real.react(real.event(rca_completed(rca, case_id), rca, 3))
    await real.react(real.event(rca_withdrawn(rca, case_id), rca, 4))
    case = await real.case(case_id)
    (review,) = [task for task in case.tasks if task.kind == "withdrawn_review"]
    assert (case.stage, review.department, review.ref) == ("capa_planning", "quality", rca)
    assert (await real.names(case_id))[-1] == "task.assigned"


async def test_linking_a_cluster_to_finished_work_opens_three_gates_of_all_its_cases(real: Any, counting: Any) -> None:
    cluster = [await real.to_root_cause() for _ in range(5)]
    rca, plan = new_id(), new_id()
    linked = capa.RcaLinked(rca_id=rca, number="R-1", case_ids=cluster, completed=True, at=NOW)
    planned = capa.CapaLinked(capa_id=plan, number="C-1", case_ids=cluster, approved=True, implemented=True, at=NOW)
    await real.react(real.event(planned, plan, 9), real.event(linked, rca, 7))
    assert {(await real.case(case_id)).stage for case_id in cluster} == {"effectiveness"}
    entered = [data["stage"] for name, _, data in await real.outbox(cluster[0]) if name == "case.stage_entered"]
    assert entered[-3:] == ["capa_planning", "execution", "effectiveness"]


async def test_a_reopened_capa_withdraws_approval_and_implementation(real: Any) -> None:
    case_id, rca, plan = await real.to_root_cause(), new_id(), new_id()
    await real.react(real.event(rca_completed(rca, case_id), rca, 3))
    approved = capa.CapaApproved(capa_id=plan, number="C-1", case_ids=[case_id], actions=1, at=NOW)
    await real.react(real.event(approved, plan, 3))
    await real.react(real.event(capa.CapaReopened(capa_id=plan, number="C-1", case_ids=[case_id], at=NOW), plan, 4))
    case = await real.case(case_id)
    assert case.stage == "execution"
    assert sorted(task.kind for task in case.tasks if task.state == "open") == ["follow_up", "withdrawn_review"]


async def test_a_regrade_moves_the_current_deadline_and_keeps_the_original(real: Any) -> None:
    case_id = await real.open(grade="important")
    before = await real.case(case_id)
    await real.react(
        real.event(regraded(case_id, "routine"), case_id, 3), real.event(regraded(case_id, "urgent"), case_id, 2)
    )
    after = await real.case(case_id)
    assert (after.grade, after.due_at) == ("routine", before.due_at)
    assert after.due_current_at.ToDatetime() > before.due_at.ToDatetime()
    assert (await real.names(case_id)).count("case.due_changed") == 2


async def test_what_intake_says_before_the_case_exists_is_applied_when_it_opens(real: Any) -> None:
    case_id, other = new_id(), new_id()
    merged = intake.ComplaintMerged(complaint_id=case_id, into=other, at=NOW)
    await real.react(real.event(merged, case_id, 4))
    await real.react(real.event(regraded(case_id, "urgent"), case_id, 3))
    await real.react(real.event(regraded(case_id, "important"), case_id, 2))
    await real.react(real.event(real.registered(case_id), case_id))
    case = await real.case(case_id)
    assert (case.state, case.grade, case.outcome.code, case.merged_into) == ("closed", "urgent", "duplicate", other)
    assert await real.value("SELECT count(*) FROM early_facts") == 0


async def test_old_records_open_without_clock_and_may_be_closed_already(real: Any) -> None:
    received = NOW - timedelta(days=300)
    old = {"historical": True, "t_received": received}
    running = await real.case(await real.open(**old))
    ended = await real.case(await real.open(**old, t_closed=received + timedelta(days=9)))
    assert (running.state, running.HasField("due_at"), list(running.tasks)) == ("open", False, [])
    assert (ended.state, ended.HasField("due_at"), list(ended.tasks)) == ("closed", False, [])
    assert ended.closed_at.ToDatetime(tzinfo=UTC) == received + timedelta(days=9)
    assert [data["historical"] for _, _, data in await real.outbox()] == [True, True]


async def test_corrected_facts_and_repeat_verdicts_are_in_the_story(real: Any) -> None:
    case_id = await real.open()
    updated = intake.ComplaintUpdated(
        complaint_id=case_id,
        changed=["product_family"],
        product_family="valve",
        product_model=None,
        lot=None,
        defect_code=None,
        failure_location=None,
        signature=None,
        questions=[],
        proposals=0,
    )
    came_back = intake.ContactReceived(contact_id=new_id(), complaint_id=case_id, channel="phone", at=NOW)
    await real.react(real.event(updated, case_id, 2), real.event(came_back, case_id, 3))
    assert (await real.case(case_id)).product_family == "valve"
    timeline = await real.run(queries.get_timeline, pb.GetCaseRequest(case_id=case_id))
    assert {"complaint_updated", "contact.received"} <= {entry.kind for entry in timeline.entries}


def assigned(action: str, plan: str, owner: str = "pr-1") -> capa.ActionAssigned:
    return capa.ActionAssigned(
        action_id=action,
        capa_id=plan,
        number="C-1",
        type="corrective",
        owner=owner,
        department="production",
        due_at=NOW + timedelta(days=5),
        at=NOW,
    )


def action_done(action: str, plan: str) -> capa.ActionDone:
    return capa.ActionDone(
        action_id=action, capa_id=plan, type="corrective", by="pr-1", due_original=NOW, due_current=NOW, at=NOW
    )


async def test_an_action_of_capa_is_a_task_here_until_capa_says_done(real: Any) -> None:
    action, plan = new_id(), new_id()
    await real.react(real.event(assigned(action, plan), action, 1))
    due = NOW + timedelta(days=9)
    extended = capa.ActionExtended(action_id=action, capa_id=plan, due_original=NOW, due_current=due, at=NOW)
    await real.react(real.event(extended, action, 2))
    (task,) = (await real.run(queries.list_tasks, pb.ListTasksRequest(kind="action", ref=action))).tasks
    assert (task.assignee, task.number, task.case_id) == ("pr-1", "C-1", "")
    assert task.due_at.ToDatetime(tzinfo=UTC) == due
    refused = await real.complete_task(task.task_id)
    assert (refused.slug, refused.possible) == ("owned_by_capa", [f"/v1/capas/{plan}/actions/{action}"])
    await real.react(real.event(action_done(action, plan), action, 3))
    assert await real.names() == ["task.assigned", "task.completed"]


async def test_an_action_done_before_it_was_assigned_is_done_at_once(real: Any) -> None:
    action, plan = new_id(), new_id()
    await real.react(real.event(action_done(action, plan), action, 3))
    await real.react(real.event(assigned(action, plan), action, 1))
    (task,) = (await real.run(queries.list_tasks, pb.ListTasksRequest(kind="action", ref=action))).tasks
    assert task.state == "done"


async def test_a_cancelled_capa_leaves_nobody_with_its_actions(real: Any) -> None:
    action, plan = new_id(), new_id()
    await real.react(real.event(assigned(action, plan), action, 1))
    closed = capa.CapaClosed(capa_id=plan, number="C-1", case_ids=[], outcome="cancelled", at=NOW)
    await real.react(real.event(closed, plan, 5))
    (task,) = (await real.run(queries.list_tasks, pb.ListTasksRequest(kind="action", ref=action))).tasks
    assert task.state == "cancelled"


async def test_identities_seed_memberships_and_a_placed_person_stays_where_placed(real: Any) -> None:
    person = new_id()

    def said(kind: Any, department: str, sequence: int) -> Any:
        payload = kind(person_id=person, roles=["quality"], department=department, lead=False, language="zh", at=NOW)
        return real.event(payload, person, sequence)

    await real.react(said(gateway.IdentityRegistered, "quality", 1))
    await real.react(said(gateway.IdentityChanged, "production", 3), said(gateway.IdentityChanged, "rd", 2))
    assert await real.value("SELECT department FROM members WHERE person_id = $1", person) == "production"
    await real.value("UPDATE members SET placed = true, department = 'quality' WHERE person_id = $1", person)
    await real.react(said(gateway.IdentityChanged, "rd", 4))
    assert await real.value("SELECT department FROM members WHERE person_id = $1", person) == "quality"


async def test_the_tasks_of_someone_who_left_wait_for_someone_else(real: Any) -> None:
    await real.staff()
    case_ids = [await real.open() for _ in range(2)]
    await real.react(real.event(gateway.IdentityDisabled(person_id="cs-1", at=NOW), "cs-1", 9))
    assignees = [(await real.case(case_id)).assignee for case_id in case_ids]
    assert sorted(assignees) == ["", "cs-2"]
    late = gateway.IdentityChanged(
        person_id="cs-1", roles=["quality"], department="quality", lead=False, language="en", at=NOW
    )
    await real.react(real.event(late, "cs-1", 10))
    assert await real.value("SELECT disabled FROM members WHERE person_id = 'cs-1'")
