import asyncio
from typing import Any

import pytest

from capa.app import analyse, conclude_rca, queries
from chassis.errors import Conflict, Forbidden, Invalid, MissingDeliverable, NotFound, StaleVersion
from chassis.ids import new_id
from redress.capa.v1 import capa_pb2 as pb


async def test_an_analysis_is_completed_with_events_in_sequence(desk: Any) -> None:
    case = new_id()
    rca = await desk.completed_rca([case])
    assert rca.state == "completed"
    assert rca.number.startswith("R")
    opened, completed = await desk.events("rca.opened.v1", "rca.completed.v1")
    assert opened["sequence"] == "1"
    assert int(completed["sequence"]) == rca.version
    assert completed["subject"] == rca.rca_id
    assert completed["data"]["case_ids"] == [case]
    assert completed["data"]["legs"] == ["occurrence", "escape"]
    assert completed["data"]["categories"] == ["method"]


async def test_an_analysis_reads_back_as_it_was_written(desk: Any) -> None:
    rca = await desk.rooted_rca(defect_code="leak", failure_location="seal", category_set="6m")
    async with desk.db.read() as tx:
        by_id = await queries.get_rca(tx, desk.clerk, pb.GetRcaRequest(rca_id=rca.rca_id))
        by_number = await queries.get_rca(tx, desk.clerk, pb.GetRcaRequest(rca_id=rca.number))
    assert by_id == by_number == rca
    assert rca.unseen_case_ids == rca.case_ids


async def test_an_analysis_without_an_escape_answer_is_not_completed(desk: Any) -> None:
    rca = await desk.confirmed_root(await desk.rca(), "occurrence", "The valve has no calibration interval")
    with pytest.raises(MissingDeliverable) as refused:
        await desk.complete(rca)
    assert refused.value.possible == ["escape_root_or_statement"]


async def test_a_confirmed_statement_answers_the_escape_leg(desk: Any) -> None:
    rca = await desk.confirmed_root(await desk.rca(), "occurrence", "The valve has no calibration interval")
    rca = await desk.why(rca, "escape", "The crack grows only after 3 000 h in the field")
    rca = await desk.complete(await desk.confirm(rca, rca.whys[-1].why_id))
    assert rca.state == "completed"
    assert (await desk.events("rca.completed.v1"))[0]["data"]["legs"] == ["occurrence"]


async def test_a_human_error_is_refused_as_a_root_with_a_sentence(desk: Any) -> None:
    rca = await desk.why(await desk.rca(), "occurrence", "操作工操作失误")
    rca = await desk.confirm(rca, rca.whys[0].why_id)
    with pytest.raises(Conflict, match="names a person") as refused:
        await desk.root(rca, rca.whys[0].why_id)
    assert refused.value.slug == "person_is_no_root"


async def test_a_stale_version_is_refused_and_changes_nothing(desk: Any) -> None:
    rca = await desk.rca()
    await desk.why(rca, "occurrence", "The press drifts")
    with pytest.raises(StaleVersion):
        await desk.why(rca, "occurrence", "The press drifts")
    async with desk.db.read() as tx:
        found = await queries.get_rca(tx, desk.clerk, pb.GetRcaRequest(rca_id=rca.rca_id))
    assert (found.version, len(found.whys)) == (2, 1)


async def test_a_case_linked_to_a_completed_analysis_is_told_so_at_once(desk: Any) -> None:
    rca = await desk.completed_rca()
    case = new_id()
    linked = await desk.link_rca(rca, case, *rca.case_ids)
    (event,) = await desk.events("rca.linked.v1")
    assert event["data"]["completed"] is True
    assert event["data"]["case_ids"] == [case]
    assert int(event["sequence"]) == linked.version == rca.version + 1


async def test_linking_the_same_case_again_changes_nothing(desk: Any) -> None:
    rca = await desk.rca()
    again = await desk.link_rca(rca, *rca.case_ids)
    assert again.version == rca.version
    assert await desk.events("rca.linked.v1") == []


async def test_what_is_no_uuid_is_no_case(desk: Any) -> None:
    with pytest.raises(Invalid):
        await desk.rca(["C26-0000001"])


async def test_linking_and_completing_at_the_same_time_lose_no_case(desk: Any) -> None:
    for _ in range(5):
        rca = await desk.rooted_rca()
        late = [new_id() for _ in range(6)]

        async def complete_when_free(rca: pb.Rca = rca) -> None:
            while True:
                async with desk.db.read() as tx:
                    now = await queries.get_rca(tx, desk.quality, pb.GetRcaRequest(rca_id=rca.rca_id))
                try:
                    await desk.complete(now)
                    return
                except StaleVersion:
                    continue

        await asyncio.gather(complete_when_free(), *(desk.link_rca(rca, case) for case in late))
        told = {
            case
            for event in await desk.events("rca.completed.v1", "rca.linked.v1")
            if event["subject"] == rca.rca_id and event["data"].get("completed", True)
            for case in event["data"]["case_ids"]
        }
        assert told == {*rca.case_ids, *late}
        sequences = [int(e["sequence"]) for e in await desk.events() if e["subject"] == rca.rca_id]
        assert sequences == sorted(set(sequences))


async def test_a_withdrawn_analysis_closes_its_gates_and_takes_no_more_cases(desk: Any) -> None:
    rca = await desk.completed_rca()
    request = pb.WithdrawRcaRequest(rca_id=rca.rca_id, if_version=rca.version, reason="the test rig was faulty")
    with pytest.raises(Forbidden):
        await desk.do(conclude_rca.withdraw_rca, desk.clerk, request)
    withdrawn = await desk.do(conclude_rca.withdraw_rca, desk.quality, request)
    (event,) = await desk.events("rca.withdrawn.v1")
    assert event["data"]["case_ids"] == list(rca.case_ids)
    with pytest.raises(Conflict):
        await desk.link_rca(withdrawn, new_id())


async def test_a_fishbone_bone_is_excluded_with_a_reason_and_leads_to_a_why(desk: Any) -> None:
    rca = await desk.rca(category_set="8p")
    rca = await desk.why(rca, "occurrence", "The promotion promised 6 bar", category="promotion")
    cause = pb.AddCauseRequest(rca_id=rca.rca_id, if_version=rca.version, category="promotion", text="Leaflet")
    rca = await desk.do_ruled(analyse.add_cause, desk.engineer, cause)
    judge = pb.JudgeCauseRequest(
        rca_id=rca.rca_id, if_version=rca.version, cause_id=rca.causes[0].cause_id, status="excluded"
    )
    with pytest.raises(Invalid):
        await desk.do(analyse.judge_cause, desk.engineer, judge)
    judge.reason = "the leaflet says 4 bar"
    judge.why_id = rca.whys[0].why_id
    rca = await desk.do(analyse.judge_cause, desk.engineer, judge)
    assert rca.causes[0].excluded_reason == "the leaflet says 4 bar"
    assert rca.causes[0].why_id == rca.whys[0].why_id


async def test_lists_page_newest_first_and_filter_by_case(desk: Any) -> None:
    made = [await desk.rca() for _ in range(3)]
    async with desk.db.read() as tx:
        request = pb.ListRcasRequest()
        request.page.limit = 2
        first = await queries.list_rcas(tx, desk.clerk, request)
        request.page.cursor = first.next_cursor
        second = await queries.list_rcas(tx, desk.clerk, request)
        of_case = await queries.list_rcas(tx, desk.clerk, pb.ListRcasRequest(case_id=made[1].case_ids[0]))
    assert [r.rca_id for r in (*first.rcas, *second.rcas)] == [r.rca_id for r in reversed(made)]
    assert second.next_cursor == ""
    assert [r.rca_id for r in of_case.rcas] == [made[1].rca_id]


async def test_an_unknown_analysis_is_not_found(desk: Any) -> None:
    async with desk.db.read() as tx:
        for wanted in (new_id(), "R26-9999999"):
            with pytest.raises(NotFound):
                await queries.get_rca(tx, desk.clerk, pb.GetRcaRequest(rca_id=wanted))
