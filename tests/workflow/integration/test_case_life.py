from typing import Any

import pytest

from chassis.errors import Forbidden, IllegalTransition, Invalid, MissingDeliverable, NotFound, StaleVersion
from chassis.ids import new_id
from redress.capa.v1 import events as capa
from redress.workflow.v1 import workflow_pb2 as pb
from workflow.app import case_commands, explain, members, queries, tasks

DIAGNOSIS = {"preliminary_cause": "the seal hardens", "reproduction": "reproduced", "onsite_support": "no"}
CALLBACK = {"callback": {"reached": True, "satisfied": 5}}


async def test_a_case_goes_all_the_way_through_its_seven_stages(real: Any) -> None:
    await real.staff()
    case_id = await real.open(grade="important")
    now = (await real.case(case_id)).opened_at.ToDatetime()
    rca, plan = new_id(), new_id()
    await real.complete(case_id, "grade_review")
    await real.complete(case_id, "diagnose", DIAGNOSIS)
    assert (await real.case(case_id)).stage == "diagnosis"
    said: dict[str, Any] = {"number": "X-1", "case_ids": [case_id], "at": now}
    done: dict[str, Any] = {"legs": ["occurrence"], "categories": ["material"], "responsible_department": "production"}
    await real.react(real.event(capa.ContainmentDone(case_id=case_id, place="own stock", at=now), case_id))
    await real.react(real.event(capa.RcaCompleted(rca_id=rca, **done, **said), rca, 3))
    await real.react(real.event(capa.CapaApproved(capa_id=plan, actions=1, **said), plan, 3))
    await real.react(real.event(capa.CapaImplemented(capa_id=plan, window_ends_at=now, **said), plan, 4))
    case = await real.case(case_id)
    assert (case.stage, list(case.rca_ids), list(case.capa_ids)) == ("effectiveness", [rca], [plan])
    await real.complete(case_id, "verify_fix", call=real.as_("quality", "qa-1"))
    await real.complete(case_id, "callback", CALLBACK, real.as_("customer_service", "cs-1"))
    closed = await real.close(case_id, real.as_("customer_service", "cs-1"))
    assert (closed.state, closed.stage, closed.outcome.by) == ("closed", "knowledge", "cs-1")
    knowledge = capa.KnowledgePublished(
        knowledge_id=new_id(),
        number="K-1",
        case_ids=[case_id],
        rca_id=rca,
        capa_id=plan,
        product_family="pump",
        defect_code=None,
        at=now,
    )
    await real.react(real.event(knowledge, knowledge.knowledge_id))
    ended = await real.case(case_id)
    assert [visit.outcome for visit in ended.visits] == ["done"] * 7
    assert {task.state for task in ended.tasks} == {"done"}
    names = [name for name in await real.names(case_id) if name.startswith("case.")]
    assert names == ["case.opened", *["case.stage_entered"] * 5, "case.closed", "case.stage_entered"]


async def test_the_event_of_an_opening_carries_stage_first_task_and_deadlines(real: Any) -> None:
    await real.staff()
    case_id = await real.open(grade="urgent")
    ((name, sequence, opened),) = await real.outbox(case_id)
    assert (name, sequence, opened["stage"]) == ("case.opened", 1, "intake")
    assert opened["task"]["kind"] == "grade_review"
    assert opened["task"]["assignee"] in ("cs-1", "cs-2")
    assert opened["due_at"] > opened["response_due_at"] > opened["at"]


async def test_the_fast_path_closes_without_an_investigation_by_reason_and_name(real: Any) -> None:
    case_id = await real.open()
    request = pb.SkipInvestigationRequest(case_id=case_id, if_version=1, reason="n/a")
    with pytest.raises(Invalid) as refused:
        await real.run(case_commands.skip_investigation, request, real.as_("customer_service", "cs-1"))
    assert refused.value.fields[0].field == "reason"
    request.reason = "known wear, under guarantee"
    case = await real.run(case_commands.skip_investigation, request, real.as_("customer_service", "cs-1"))
    assert (case.path, case.skipped_by, case.skip_reason) == ("fast", "cs-1", "known wear, under guarantee")
    closed = await real.close(case_id)
    assert closed.state == "closed"
    assert (await real.outbox(case_id))[-1][2]["path"] == "fast"


async def test_skipping_is_illegal_after_diagnosis(real: Any) -> None:
    case_id = await real.to_root_cause()
    version = (await real.case(case_id)).version
    request = pb.SkipInvestigationRequest(case_id=case_id, if_version=version, reason="nobody is interested")
    with pytest.raises(IllegalTransition) as refused:
        await real.run(case_commands.skip_investigation, request)
    assert "advance" in refused.value.possible


async def test_a_stale_version_changes_nothing(real: Any) -> None:
    case_id = await real.open()
    for if_version, error in ((7, StaleVersion), (0, Invalid)):
        with pytest.raises(error):
            await real.run(case_commands.advance_stage, pb.AdvanceStageRequest(case_id=case_id, if_version=if_version))
    assert (await real.case(case_id)).version == 1
    assert await real.names(case_id) == ["case.opened"]


async def test_a_missing_deliverable_is_named(real: Any) -> None:
    case_id = await real.open(grade="urgent")
    await real.complete(case_id, "grade_review")
    await real.complete(case_id, "diagnose", DIAGNOSIS)
    version = (await real.case(case_id)).version
    with pytest.raises(MissingDeliverable) as refused:
        await real.run(case_commands.advance_stage, pb.AdvanceStageRequest(case_id=case_id, if_version=version))
    assert refused.value.possible == ["containment"]


async def test_an_unknown_case_or_task_is_not_found(real: Any) -> None:
    for case_id in (new_id(), "no-uuid"):
        with pytest.raises(NotFound):
            await real.case(case_id)
    assert isinstance(await real.complete_task(new_id()), NotFound)
    assert isinstance(await real.complete_task("no-uuid"), NotFound)


async def test_only_who_works_for_the_department_completes_its_task(real: Any) -> None:
    await real.staff()
    case_id = await real.open()
    assert isinstance(await real.complete(case_id, "grade_review", call=real.as_("engineer", "pr-1")), Forbidden)
    assert isinstance(await real.complete(case_id, "grade_review", call=real.as_("channel")), Forbidden)
    task = await real.complete(case_id, "grade_review", call=real.as_("customer_service", "someone"))
    assert task.state == "done"


async def test_reopening_keeps_the_first_close(real: Any) -> None:
    case_id = await real.fast_to_closing()
    first = (await real.close(case_id)).closed_first_at
    version = (await real.case(case_id)).version
    request = pb.ReopenCaseRequest(case_id=case_id, if_version=version, reason="the fault came back")
    reopened = await real.run(case_commands.reopen_case, request)
    assert (reopened.state, reopened.stage) == ("open", "effectiveness")
    assert not reopened.HasField("outcome")
    again = await real.close(case_id, remedy="refund")
    assert (again.closed_first_at, again.first_outcome.remedy, again.outcome.remedy) == (first, "repair", "refund")
    assert len(again.reopened_at) == 1
    closes = [data["first"] for name, _, data in await real.outbox(case_id) if name == "case.closed"]
    assert closes == [True, False]


async def test_return_waive_pause_and_answer_leave_their_trace(real: Any) -> None:
    case_id = await real.to_root_cause()

    async def run(use_case: Any, request: Any) -> Any:
        request.case_id = case_id
        if "if_version" in request.DESCRIPTOR.fields_by_name:
            request.if_version = (await real.case(case_id)).version
        return await real.run(use_case, request, real.as_("quality", "qa-1"))

    await run(case_commands.pause, pb.PauseRequest(reason_code="waiting_for_parts", reason="pump is on its way"))
    await run(case_commands.resume, pb.ResumeRequest())
    await run(case_commands.waive_deliverable, pb.WaiveDeliverableRequest(kind="rca_completed", reason="known cause"))
    await run(case_commands.return_stage, pb.ReturnStageRequest(to_stage="root_cause", reason="not so well known"))
    await run(case_commands.record_response, pb.RecordResponseRequest(channel="phone", text="we are on it"))
    await run(case_commands.comment, pb.CommentRequest(text="look at lot 7"))
    case = await real.case(case_id)
    assert case.HasField("first_response_at")
    explained = await real.run(explain.explain_deadline, pb.GetCaseRequest(case_id=case_id))
    assert [entry.kind for entry in explained.entries] == ["start", "pause", "resume"]
    assert "pause, resume" in explained.text
    timeline = await real.run(queries.get_timeline, pb.GetCaseRequest(case_id=case_id))
    kinds = [entry.kind for entry in timeline.entries]
    assert [kind for kind in kinds if not kind.startswith(("stage_entered", "task"))] == [
        "case_opened",
        "paused",
        "resumed",
        "deliverable_waived",
        "stage_returned",
        "response_sent",
        "comment",
    ]
    audited = await real.value("SELECT count(*) FROM audit WHERE aggregate_id = $1 AND actor = 'qa-1'", case_id)
    assert audited == 6


async def test_the_board_says_where_with_whom_and_since_when(real: Any) -> None:
    await real.staff()
    for _ in range(3):
        await real.open()
    urgent = await real.open(grade="urgent")

    async def ask(**more: Any) -> Any:
        return await real.run(queries.list_cases, pb.ListCasesRequest(**more))

    page = pb.ListCasesRequest().page
    page.limit = 3
    first = await ask(state="open", page=page)
    page.cursor = first.next_cursor
    rest = await ask(state="open", page=page)
    assert [len(first.cases), len(rest.cases), rest.next_cursor] == [3, 1, ""]
    (found,) = (await ask(grade="urgent")).cases
    assert (found.case_id, found.stage_label.en, found.assignee[:3]) == (urgent, "Intake and grading", "cs-")
    assert len((await ask(assignee="cs-1")).cases) == 2
    assert [len((await ask(overdue=late)).cases) for late in (True, False)] == [0, 4]
    assert (await ask(stage="knowledge")).cases == []
    open_tasks = await real.run(queries.list_tasks, pb.ListTasksRequest(state="open", assignee="cs-1"))
    assert [task.label.zh for task in open_tasks.tasks] == ["核对记录与分级"] * 2


async def test_a_task_is_started_and_handed_over(real: Any) -> None:
    await real.staff()
    case_id = await real.open()
    task = (await real.case(case_id)).tasks[0]
    mine = real.as_("customer_service", task.assignee)
    started = await real.run(tasks.start_task, pb.StartTaskRequest(task_id=task.task_id), mine)
    assert (started.state, started.version) == ("in_progress", 2)
    request = pb.ReassignTaskRequest(task_id=task.task_id, if_version=1, assignee="te-1", reason="knows this pump")
    with pytest.raises(StaleVersion):
        await real.run(tasks.reassign_task, request, mine)
    request.if_version = 2
    moved = await real.run(tasks.reassign_task, request, mine)
    assert (moved.assignee, moved.department) == ("te-1", "customer_service")
    name, _, data = (await real.outbox())[-1]
    assert (name, data["reassigned"]) == ("task.assigned", True)
    request.assignee = "nobody"
    with pytest.raises(Invalid):
        await real.run(tasks.reassign_task, request)


async def test_members_are_placed_and_absent_ones_get_nothing(real: Any) -> None:
    await real.staff()
    request = pb.PutMemberRequest(person_id="cs-1", department="customer_service", absent=True)
    with pytest.raises(Forbidden):
        await real.run(members.put_member, request, real.as_("customer_service", "cs-1"))
    await real.run(members.put_member, request, real.as_("manager", "boss"))
    assert {(await real.case(await real.open())).assignee for _ in range(3)} == {"cs-2"}
    listed = await real.run(members.list_members, pb.ListMembersRequest(department="customer_service"))
    assert [(m.person_id, m.absent, m.open_tasks) for m in listed.members] == [("cs-1", True, 0), ("cs-2", False, 3)]
