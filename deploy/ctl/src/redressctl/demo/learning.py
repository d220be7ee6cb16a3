"""Scene 5, knowledge: what was learned is published, offered to the next similar complaint, and used."""

from collections.abc import Sequence
from dataclasses import dataclass

from redressctl.api import Json
from redressctl.clusters import Cluster, Known
from redressctl.demo import casework
from redressctl.demo.analysis import root_of
from redressctl.demo.people import Person
from redressctl.demo.play import Play
from redressctl.demo.wording import Wording, say
from redressctl.errors import CtlError


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


@dataclass(frozen=True)
class Offer:
    """A finished analysis and CAPA that an untouched complaint of the same kind can join."""

    one: Known
    wording: Wording
    rca: Json
    capa: Json


async def use(play: Play, offers: Sequence[Offer], cases: dict[str, Json]) -> None:
    """Knowledge is offered to each, used, and its gate needs no second publication."""
    pairs = [(offer.one, offer.wording) for offer in offers]
    await casework.answer_and_review(play, [one for one, _ in pairs], cases)
    used = [await _take_up(play, offer) for offer in offers]
    await casework.diagnose(play, pairs, cases)
    for offer in offers:
        author = play.team.someone("quality", offer.wording.language)
        await link(author, offer.rca, offer.capa, [offer.one.complaint_id])
    await casework.finish(play, pairs)
    for offer, number in zip(offers, used, strict=True):
        author = play.team.someone("quality", offer.wording.language)
        reason = say(offer.wording.language, "used", knowledge=number)
        path = f"/v1/cases/{offer.one.complaint_id}"
        await author.api.change(path, "waive", {"kind": "knowledge_published", "reason": reason})


async def _take_up(play: Play, offer: Offer) -> str:
    """The number of the knowledge case that was offered best."""
    one, desk = offer.one, play.team.someone("customer_service", offer.wording.language)
    similar = (await desk.api.get(f"/v1/complaints/{one.complaint_id}/similar", limit=10))["items"]
    best = next((found for found in similar if found["kind"] == "knowledge"), None)
    if best is None:
        raise CtlError(f"No knowledge was offered for {one.number}, though its kind is known: ask capa's log why.")
    play.story.tell(desk.name, f"{one.number}: {best['number']} is offered ({best['basis']}): {best['title']}")
    await desk.api.post(f"/v1/knowledge/{best['id']}/use", {"case_id": one.complaint_id})
    text = say(offer.wording.language, "used", knowledge=best["number"])
    await desk.api.post(f"/v1/cases/{one.complaint_id}/comments", {"text": text})
    return str(best["number"])
