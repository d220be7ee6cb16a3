from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from capa.app import carry_out, plan_capa, queries, verify_effect
from chassis.call import set_current_call
from chassis.commands import Commands
from chassis.errors import Conflict, Forbidden, IllegalTransition, Invalid, MissingDeliverable
from chassis.ids import new_id
from chassis.messages import from_timestamp, to_timestamp
from redress.capa.v1 import capa_pb2 as pb


async def test_a_capa_goes_from_its_plan_to_its_proven_effect(desk: Any) -> None:
    rca = await desk.completed_rca()
    capa = await desk.effective(rca)
    closed = await desk.order(verify_effect.close_capa, desk.manager, capa)
    assert closed.state == "closed"
    assert list(closed.case_ids) == list(rca.case_ids)
    told = [e["type"].removeprefix("redress.capa.") for e in await desk.events() if ".rca." not in e["type"]]
    assert told == [
        "capa.opened.v1",
        "capa.approved.v1",
        "action.assigned.v1",
        "action.assigned.v1",
        "action.done.v1",
        "action.done.v1",
        "capa.implemented.v1",
        "capa.effectiveness_concluded.v1",
        "capa.closed.v1",
    ]
    sequences = [int(e["sequence"]) for e in await desk.events() if e["subject"] == capa.capa_id]
    assert sequences == sorted(set(sequences))
    assert sequences[-1] == closed.version
    async with desk.db.read() as tx:
        states = await tx.fetch("SELECT state FROM capa_states WHERE capa_id = $1 ORDER BY position", capa.capa_id)
        found = await queries.get_capa(tx, desk.clerk, pb.GetCapaRequest(capa_id=closed.number))
    assert found == closed
    assert [row["state"] for row in states] == [
        *("opened", "planned", "plan_approved", "implementing", "implemented", "verifying", "effective", "closed")
    ]


async def test_an_author_cannot_approve_their_own_plan_and_the_attempt_is_kept(desk: Any) -> None:
    from capa.entrypoints.rpc import CapaServicer

    capa = await desk.order(plan_capa.reject_plan, desk.manager, await desk.planned(), "one more look")
    capa = await desk.order(plan_capa.submit_plan, desk.quality, capa)
    servicer = CapaServicer(Commands(desk.db), desk.db, desk.rules, texts=None)  # type: ignore[arg-type]
    set_current_call(desk.quality)
    with pytest.raises(Conflict) as refused:
        await servicer.ApprovePlan(pb.CapaCommand(capa_id=capa.capa_id, if_version=capa.version), None)
    assert refused.value.slug == "author_approves_own_plan"
    async with desk.db.read() as tx:
        now = await queries.get_capa(tx, desk.clerk, pb.GetCapaRequest(capa_id=capa.capa_id))
        kept = await tx.fetch("SELECT actor, action FROM audit WHERE action LIKE '%refused%' ORDER BY seq")
    assert (now.state, now.version) == ("planned", capa.version)
    assert [(row["actor"], row["action"]) for row in kept] == [
        (desk.quality.actor, "refused CapaCommand"),
        (desk.quality.actor, "approval_refused"),
    ]


async def test_who_set_the_criterion_or_an_action_does_not_approve_either(desk: Any, call_as: Any) -> None:
    capa = await desk.planned()
    hand = call_as("manager", actor=desk.engineer.actor)
    with pytest.raises(Conflict):
        await desk.order(plan_capa.approve_plan, hand, capa)
    deputy = call_as("manager", on_behalf_of=desk.engineer.actor)
    with pytest.raises(Conflict):
        await desk.order(plan_capa.approve_plan, deputy, capa)


async def test_approval_needs_the_role(desk: Any, call_as: Any) -> None:
    with pytest.raises(Forbidden):
        await desk.order(plan_capa.approve_plan, call_as("engineer"), await desk.planned())


async def test_every_root_needs_a_corrective_action_before_submission(desk: Any) -> None:
    rca = await desk.completed_rca()
    first, second = [why.why_id for why in rca.whys if why.is_root]
    capa = await desk.criterion(await desk.action(await desk.capa(rca), root_cause=first))
    with pytest.raises(MissingDeliverable) as refused:
        await desk.order(plan_capa.submit_plan, desk.engineer, capa)
    assert refused.value.possible == [f"corrective_action:{second}"]


async def test_a_corrective_action_names_a_confirmed_root_and_a_correction_none(desk: Any) -> None:
    rca = await desk.completed_rca()
    capa = await desk.capa(rca)
    for type, root in (("corrective", None), ("corrective", new_id()), ("correction", rca.whys[0].why_id)):
        with pytest.raises(Invalid) as refused:
            await desk.action(capa, type, root_cause=root)
        assert refused.value.fields[0].field == "root_cause"
    with pytest.raises(Invalid, match=r"3\.12\.2"):
        await desk.action(capa, "corrective")


async def test_a_capa_without_a_verdict_does_not_close(desk: Any) -> None:
    capa = await desk.verifying()
    with pytest.raises(Conflict) as refused:
        await desk.order(verify_effect.close_capa, desk.manager, capa)
    assert refused.value.slug == "not_proven_effective"
    assert refused.value.possible == ["verdict_effective"]


async def test_the_effect_is_not_judged_before_the_window_ends(desk: Any) -> None:
    capa = await desk.verifying(method="recurrence", baseline=12, target=0, window_days=60, minimum_exposure=0.8)
    ends = from_timestamp(capa, "window_ends_at")
    assert ends == from_timestamp(capa, "implemented_at") + timedelta(days=60)
    with pytest.raises(Conflict, match=ends.isoformat()[:19]) as refused:
        await desk.check(capa, exposure=1.0)
    assert refused.value.slug == "window_not_over"
    (event,) = await desk.events("capa.implemented.v1")
    assert datetime.fromisoformat(event["data"]["window_ends_at"]) == ends


async def test_an_owner_of_an_action_does_not_judge_its_effect(desk: Any, call_as: Any) -> None:
    capa = await desk.verifying()
    with pytest.raises(Forbidden):
        await desk.check(capa, call_as("quality", actor=desk.engineer.actor))
    with pytest.raises(Forbidden):
        await desk.check(capa, call_as("manager"))


async def test_a_person_decides_once_the_extensions_are_used_up(desk: Any) -> None:
    capa = await desk.verifying()
    for _ in range(2):
        capa = await desk.check(capa, exposure=5)
        assert capa.state == "insufficient_exposure"
    with pytest.raises(Conflict) as refused:
        await desk.check(capa, exposure=5)
    assert refused.value.slug == "decision_required"
    with pytest.raises(Invalid):
        await desk.check(capa, exposure=5, decision="effective", note=" ")
    capa = await desk.check(capa, exposure=5, decision="effective", note="the line was replaced")
    assert (capa.state, capa.checks[-1].decided) == ("effective", True)
    assert [e["data"]["verdict"] for e in await desk.events("effectiveness_concluded.v1")] == [
        *("insufficient_exposure", "insufficient_exposure", "effective")
    ]


async def test_an_action_is_done_with_evidence_by_its_owner_whatever_their_role(desk: Any, call_as: Any) -> None:
    capa = await desk.approved()
    owner = call_as("customer_service", actor=desk.engineer.actor)
    first, second = capa.actions
    bare = pb.CompleteActionRequest(capa_id=capa.capa_id, action_id=first.action_id)
    with pytest.raises(Invalid):
        await desk.do(carry_out.complete_action, owner, bare)
    with pytest.raises(Forbidden):
        await desk.finish(capa, first.action_id, desk.clerk)
    capa = await desk.finish(capa, first.action_id, owner)
    assert capa.state == "implementing"
    with pytest.raises(Conflict):
        await desk.finish(capa, first.action_id, owner)
    assert (await desk.finish(capa, second.action_id)).state == "verifying"


async def test_an_extension_keeps_the_original_deadline(desk: Any) -> None:
    capa = await desk.approved()
    later = to_timestamp(datetime.now(UTC) + timedelta(days=30))
    request = pb.ExtendActionRequest(
        capa_id=capa.capa_id,
        if_version=capa.version,
        action_id=capa.actions[0].action_id,
        due=later,
        reason="the fixture comes late",
    )
    extended = (await desk.do(carry_out.extend_action, desk.engineer, request)).actions[0]
    assert extended.due_original == capa.actions[0].due_original
    assert extended.due_current == later
    assert extended.extensions[0].reason == "the fixture comes late"
    (event,) = await desk.events("action.extended.v1")
    assert event["subject"] == extended.action_id
    assert event["sequence"] == "3"


async def test_a_recurrence_reopens_a_closed_capa_for_another_round(desk: Any) -> None:
    rca = await desk.completed_rca()
    capa = await desk.order(verify_effect.close_capa, desk.manager, await desk.effective(rca))
    with pytest.raises(Invalid):
        await desk.order(verify_effect.reopen_capa, desk.manager, capa)
    capa = await desk.order(verify_effect.reopen_capa, desk.manager, capa, "two pumps of week 20 leak")
    assert capa.state == "opened"
    assert not capa.HasField("effectiveness_plan")
    assert [a.state for a in capa.actions] == ["done", "done"]
    (event,) = await desk.events("capa.reopened.v1")
    assert event["data"]["case_ids"] == list(rca.case_ids)
    with pytest.raises(MissingDeliverable) as refused:
        await desk.order(plan_capa.submit_plan, desk.engineer, capa)
    assert refused.value.possible == ["effectiveness_plan", "corrective_or_preventive_action"]


async def test_a_cancelled_capa_calls_its_open_actions_off(desk: Any) -> None:
    capa = await desk.order(verify_effect.cancel_capa, desk.manager, await desk.approved(), "product is phased out")
    assert {action.state for action in capa.actions} == {"cancelled"}
    (event,) = await desk.events("capa.closed.v1")
    assert event["data"]["outcome"] == "cancelled"
    with pytest.raises(IllegalTransition):
        await desk.order(verify_effect.reopen_capa, desk.manager, capa, "after all")


async def test_no_capa_needs_a_rationale_and_a_name(desk: Any) -> None:
    with pytest.raises(Forbidden):
        await desk.capa(required=False, rationale="single case")
    desk.engineer = desk.quality
    with pytest.raises(Invalid):
        await desk.capa(required=False)
    capa = await desk.capa(required=False, rationale="single case of misuse by a courier")
    assert (capa.state, capa.author, capa.version) == ("cancelled", desk.quality.actor, 2)
    assert [e["sequence"] for e in await desk.events()] == ["1", "2"]


async def test_a_case_linked_to_an_approved_capa_passes_its_gates_at_once(desk: Any) -> None:
    from capa.app.link import link_capa

    capa = await desk.approved()
    case = new_id()
    await desk.do(link_capa, desk.clerk, pb.LinkRequest(id=capa.capa_id, case_ids=[case]))
    (event,) = await desk.events("capa.linked.v1")
    assert (event["data"]["approved"], event["data"]["implemented"]) == (True, False)
    async with desk.db.read() as tx:
        of_case = await queries.list_capas(tx, desk.clerk, pb.ListCapasRequest(case_id=case))
        of_rca = await queries.list_capas(tx, desk.clerk, pb.ListCapasRequest(rca_id=capa.rca_id))
    assert [c.capa_id for c in of_case.capas] == [c.capa_id for c in of_rca.capas] == [capa.capa_id]


async def test_the_same_key_gives_the_same_answer_and_one_capa(desk: Any, call_as: Any) -> None:
    from functools import partial

    from capa.app.open_capa import open_capa

    set_current_call(call_as("engineer", idempotency_key="k-1"))
    commands = Commands(desk.db)
    request = pb.OpenCapaRequest(title="Seal", problem="Seals leak", risk_class="minor", source="audit")
    answers = [await commands.run(request, partial(open_capa, rules=desk.rules)) for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(await desk.events("capa.opened.v1")) == 1


async def test_a_planned_action_is_taken_out_of_a_rejected_plan(desk: Any) -> None:
    capa = await desk.order(plan_capa.reject_plan, desk.manager, await desk.planned(), "the second is too weak")
    request = pb.CancelActionRequest(
        capa_id=capa.capa_id, if_version=capa.version, action_id=capa.actions[1].action_id, reason="too weak"
    )
    capa = await desk.do(plan_capa.cancel_action, desk.engineer, request)
    assert [action.state for action in capa.actions] == ["planned", "cancelled"]


async def test_an_analysis_withdrawn_after_the_submission_carries_no_plan(desk: Any) -> None:
    from capa.app.conclude_rca import withdraw_rca

    rca = await desk.completed_rca()
    capa = await desk.planned(rca)
    request = pb.WithdrawRcaRequest(rca_id=rca.rca_id, if_version=rca.version, reason="wrong lot")
    await desk.do(withdraw_rca, desk.quality, request)
    with pytest.raises(MissingDeliverable):
        await desk.order(plan_capa.approve_plan, desk.manager, capa)
