from functools import partial
from typing import Any

import pytest

from capa.app import queries, share_knowledge, similar
from capa.app.conclude_rca import withdraw_rca
from chassis.errors import Conflict, Invalid
from chassis.ids import new_id
from redress.capa.v1 import capa_pb2 as pb
from redress.intake.v1.intake_pb2 import ComplaintText

ZH = {
    "title": "变速箱低速顿挫",
    "problem": "车辆低速行驶时变速箱换挡顿挫，1挡升2挡有明显冲击感",
    "root_cause": "控制软件在低温下未补偿油压延迟",
    "solution": "升级变速箱控制软件并重新学习离合器结合点",
    "language": "zh",
    "product_family": "sedan-a",
}
EN = {
    "title": "Pump seal leaks",
    "problem": "The seal of the pump leaks at six bar after two weeks of use",
    "root_cause": "The work instruction states no torque",
    "solution": "State the torque and use a torque-controlled driver",
    "language": "en",
    "product_family": "pump",
}


async def publish(desk: Any, fields: dict[str, Any], **more: Any) -> pb.Knowledge:
    request = pb.PublishKnowledgeRequest(**{"case_ids": [new_id()], **fields, **more})
    return await desk.do_ruled(share_knowledge.publish_knowledge, desk.quality, request)


async def find(desk: Any, **query: Any) -> list[pb.Similar]:
    async with desk.db.read() as tx:
        search = partial(similar.find_similar, rules=desk.rules)
        return list((await search(tx, desk.clerk, pb.FindSimilarRequest(**query))).similar)


async def test_knowledge_names_its_cases_and_reads_back(desk: Any) -> None:
    cases = sorted([new_id(), new_id()])
    rca = await desk.completed_rca(cases)
    capa = await desk.effective(rca)
    made = await publish(desk, EN, case_ids=cases, rca_id=rca.rca_id, capa_id=capa.capa_id, documents_changed=["WI-7"])
    (event,) = await desk.events("knowledge.published.v1")
    assert event["data"]["case_ids"] == cases
    assert (event["data"]["rca_id"], event["data"]["capa_id"]) == (rca.rca_id, capa.capa_id)
    async with desk.db.read() as tx:
        found = await queries.get_knowledge(tx, desk.clerk, pb.GetKnowledgeRequest(knowledge_id=made.number))
        listed = await queries.list_knowledge(tx, desk.clerk, pb.ListKnowledgeRequest(case_id=cases[1]))
        its_capa = await queries.get_capa(tx, desk.clerk, pb.GetCapaRequest(capa_id=capa.capa_id))
    assert found == made
    assert listed.knowledge[0] == made
    assert its_capa.knowledge_id == made.knowledge_id


async def test_knowledge_of_unfinished_work_is_refused(desk: Any) -> None:
    rca = await desk.rooted_rca()
    with pytest.raises(Conflict):
        await publish(desk, EN, rca_id=rca.rca_id)
    with pytest.raises(Conflict):
        await publish(desk, EN, capa_id=(await desk.approved()).capa_id)
    with pytest.raises(Invalid):
        await publish(desk, EN, case_ids=[])


async def test_a_similar_case_is_offered_in_chinese(desk: Any) -> None:
    made, _other = await publish(desk, ZH), await publish(desk, EN)
    found = await find(desk, text="低速时换挡顿挫严重，变速箱1挡升2挡有冲击", product_family="sedan-b")
    assert [(match.kind, match.id, match.basis) for match in found] == [("knowledge", made.knowledge_id, "text")]
    assert 0.35 <= found[0].score < 1
    assert found[0].solution == ZH["solution"]


async def test_a_similar_case_is_offered_in_english(desk: Any) -> None:
    _other, made = await publish(desk, ZH), await publish(desk, EN)
    found = await find(desk, text="My pump is leaking at the seal after using it for two weeks")
    assert [match.id for match in found] == [made.knowledge_id]


async def test_nothing_is_offered_for_a_text_about_something_else(desk: Any) -> None:
    await publish(desk, ZH)
    await publish(desk, EN)
    assert await find(desk, text="The invoice was sent to the wrong address") == []
    assert await find(desk, text="空调出风口有异味，要求退款") == []


async def test_an_equal_signature_comes_first_with_score_one(desk: Any) -> None:
    by_text = await publish(desk, EN)
    signature = {"product_family": "valve", "defect_code": "CRACK", "failure_location": "body"}
    by_signature = await publish(desk, ZH, **signature)
    found = await find(desk, text="pump seal leaks at six bar", **(signature | {"defect_code": "crack"}))
    assert [(match.id, match.basis) for match in found] == [
        (by_signature.knowledge_id, "signature"),
        (by_text.knowledge_id, "text"),
    ]
    assert found[0].score == 1.0


async def test_a_catch_all_code_forms_no_signature(desk: Any) -> None:
    signature = {"product_family": "valve", "defect_code": "其他"}
    await publish(desk, ZH, **signature)
    assert await find(desk, **signature) == []


async def test_analyses_and_capas_are_offered_to_link_to_until_they_no_longer_stand(desk: Any) -> None:
    signature = {"product_family": "pump", "defect_code": "leak", "failure_location": "seal"}
    rca = await desk.completed_rca(**signature)
    capa = await desk.planned(rca)
    assert [(match.kind, match.number) for match in await find(desk, **signature)] == [
        ("rca", rca.number),
        ("capa", capa.number),
    ]
    assert await find(desk, complaint_id=rca.case_ids[0], **signature) == []
    request = pb.WithdrawRcaRequest(rca_id=rca.rca_id, if_version=rca.version, reason="wrong lot")
    await desk.do(withdraw_rca, desk.quality, request)
    assert [match.kind for match in await find(desk, **signature)] == ["capa"]


async def test_the_text_of_a_complaint_is_asked_of_intake(desk: Any) -> None:
    class Texts:
        async def of(self, complaint_id: str) -> ComplaintText:
            return ComplaintText(complaint_id=complaint_id, description=str(ZH["problem"]), product_family="sedan-a")

    made = await publish(desk, ZH)
    asked = pb.FindSimilarRequest(complaint_id=new_id(), limit=1)
    full = await similar.described(desk.clerk, asked, Texts())
    async with desk.db.read() as tx:
        found = await similar.find_similar(tx, desk.clerk, full, desk.rules)
    assert [match.id for match in found.similar] == [made.knowledge_id]


async def test_knowledge_that_helped_a_case_counts_it_once(desk: Any) -> None:
    made = await publish(desk, EN)
    request = pb.UseKnowledgeRequest(knowledge_id=made.knowledge_id, case_id=new_id())
    for _ in range(2):
        used = await desk.do(share_knowledge.use_knowledge, desk.clerk, request)
        assert (used.used, used.version) == (1, 2)
    (event,) = await desk.events("knowledge.used.v1")
    assert event["sequence"] == "2"
