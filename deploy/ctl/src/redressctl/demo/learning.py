"""Scene 5, knowledge: what was learned is published, offered to the next similar complaint, and used."""

from collections.abc import Sequence

from redressctl.api import Json
from redressctl.clusters import Cluster, Known
from redressctl.demo import casework
from redressctl.demo.analysis import root_of
from redressctl.demo.people import Person
from redressctl.demo.play import Play
from redressctl.demo.wording import Wording


async def link(author: Person, rca: Json, capa: Json, case_ids: Sequence[str]) -> None:
    """Cases join a finished analysis and CAPA: several of their gates open at once."""
    await author.api.post(f"/v1/rcas/{rca['rca_id']}/links", {"case_ids": list(case_ids)})
    await author.api.post(f"/v1/capas/{capa['capa_id']}/links", {"case_ids": list(case_ids)})


async def publish(
    author: Person, cluster: Cluster, wording: Wording, rca: Json, capa: Json, cases: Sequence[Known]
) -> Json:
    return await author.api.post(
        "/v1/knowledge",
        {
            "title": wording("knowledge_title"),
            "problem": wording("problem"),
            "root_cause": root_of(rca, "occurrence")["answer"],
            "solution": wording("solution"),
            "lessons": wording("lessons"),
            "documents_changed": wording.texts("documents"),
            "product_family": cluster.product_family,
            "defect_code": cluster.defect_code,
            "failure_location": cluster.location,
            "case_ids": [one.complaint_id for one in cases],
            "rca_id": rca["rca_id"],
            "capa_id": capa["capa_id"],
            "language": wording.language,
        },
    )


async def use(play: Play, one: Known, wording: Wording, rca: Json, capa: Json, case: Json) -> None:
    """An untouched complaint of the same kind: knowledge is offered, used, and its gate needs no second publication."""
    await casework.answer_and_review(play, [one], {one.complaint_id: case})
    desk = play.team.someone("customer_service", wording.language)
    path = f"/v1/cases/{one.complaint_id}"
    offered = (await desk.api.get(f"/v1/complaints/{one.complaint_id}/similar", limit=5))["items"]
    best = next((found for found in offered if found["kind"] == "knowledge"), None)
    if best is None:
        play.story.tell(desk.name, f"{one.number}: nothing similar was offered")
        return
    play.story.tell(
        desk.name, f"{one.number}: {best['number']} is offered ({best['basis']} {best['score']:.2f}): {best['title']}"
    )
    await desk.api.post(f"/v1/knowledge/{best['id']}/use", {"case_id": one.complaint_id})
    await desk.api.post(f"{path}/comments", {"text": wording.common("used").replace("KNOWLEDGE", best["number"])})
    await casework.diagnose(play, [(one, wording)], {one.complaint_id: case})
    quality = play.team.someone("quality", wording.language)
    await link(quality, rca, capa, [one.complaint_id])
    await casework.finish(play, [(one, wording)])
    reason = wording.common("used").replace("KNOWLEDGE", best["number"])
    await quality.api.change(path, "waive", {"kind": "knowledge_published", "reason": reason})
