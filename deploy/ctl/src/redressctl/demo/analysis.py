"""Root cause analysis of one cluster: 5-Why on two legs and a fishbone, with evidence, from its complaints' words."""

from redressctl.api import Json
from redressctl.clusters import Cluster
from redressctl.demo.people import Person
from redressctl.demo.wording import Wording


async def analyse(author: Person, cluster: Cluster, wording: Wording, case_ids: list[str]) -> Json:
    """The completed analysis, linked to `case_ids`."""
    rca = await author.api.post(
        "/v1/rcas",
        {
            "title": wording("rca_title"),
            "problem": wording("problem"),
            "case_ids": case_ids,
            "product_family": cluster.product_family,
            "defect_code": cluster.defect_code,
            "failure_location": cluster.location,
            "category_set": wording.block["category_set"],
        },
    )
    for leg in ("occurrence", "escape"):
        rca = await _dig(author, rca, leg, wording.rows(leg))
    rca = await _draw_fishbone(author, rca, wording.rows("fishbone"))
    return await _change(author, rca, "complete", {"responsible_department": wording.block["department"]})


async def _dig(author: Person, rca: Json, leg: str, rows: list[list[str]]) -> Json:
    """Each answer is confirmed by its evidence before the next why; the last one is the root."""
    parent: dict[str, str] = {}
    for question, answer, evidence, category in rows:
        why = {"leg": leg, "question": question, "answer": answer, "category": category, "controllable": True} | parent
        rca = await _change(author, rca, "whys", why)
        why_id = rca["whys"][-1]["why_id"]
        rca = await _change(author, rca, f"whys/{why_id}/verify", {"verify": "confirmed", "evidence": [evidence]})
        parent = {"parent": why_id}
    return await _change(author, rca, f"whys/{parent['parent']}/root", {"is_root": True})


async def _draw_fishbone(author: Person, rca: Json, rows: list[list[str]]) -> Json:
    for category, text, status, reason in rows:
        rca = await _change(author, rca, "causes", {"category": category, "text": text})
        if status != "suspected":
            cause_id = rca["causes"][-1]["cause_id"]
            rca = await _change(author, rca, f"causes/{cause_id}/judge", {"status": status, "reason": reason})
    return rca


async def _change(author: Person, rca: Json, what: str, body: Json) -> Json:
    return await author.api.change(f"/v1/rcas/{rca['rca_id']}", what, body, version=rca["version"])


def root_of(rca: Json, leg: str) -> Json:
    root: Json = next(why for why in rca["whys"] if why["leg"] == leg and why["is_root"])
    return root
