"""The demo's scenes in their order."""

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Any

from rich.console import Console

from redressctl.api import Api, Json, connect
from redressctl.clusters import Cluster, Known, find_clusters
from redressctl.demo import casework, clusterwork, desk, entrance, fast_path, learning, result, satisfaction
from redressctl.demo.clusterwork import Assignment, Improved
from redressctl.demo.people import assemble
from redressctl.demo.plan import Plan, plan_work
from redressctl.demo.play import Play
from redressctl.demo.wording import wording_of
from redressctl.kpi_table import kpi_table
from redressctl.mapping import MappedFile, mapped
from redressctl.show import Story
from redressctl.target import Target
from redressctl.verify import verify
from redressctl.verify.table import check_table

_BACKGROUND = 400
_USES = 3
_SETTLE_S = 120.0


async def play(
    target: Target, *, data: Path | None = None, mapping: Path | None = None, console: Console | None = None
) -> dict[str, Any]:
    """Idempotent: on data that went through it before, it recognises what is there and shows the picture.

    Raises CtlError, of which ApiProblem when the installation refuses what it should take.
    """
    file = file_of(data, mapping)
    console = console or Console(quiet=True)
    with Story(console) as story:
        async with connect(target.url, target.key) as admin:
            with story.chapter("People of all roles signed in 人员就位"):
                scene = Play(admin, await assemble(admin), story)
            first, entrances = await entrance.receive(scene, file)
            await _work(scene, fresh=first["registered"] > 0)
            await satisfaction.ask_customers(scene, target)
            picture = await _picture(scene, target, first)
            return {"entrances": entrances, **picture}


def file_of(data: Path | None, mapping: Path | None) -> MappedFile:
    return mapped(data or Path(str(resources.files("redressctl") / "sample" / "complaints.csv")), mapping)


async def _work(play: Play, *, fresh: bool) -> None:
    complaints, clusters = await _look(play)
    plan = plan_work(len(complaints), len(clusters))
    if fresh:
        await desk.tidy(play, judged=plan.repeats_judged)
    cases = await play.open_cases("intake")
    assignments = await _assign(play, clusters, plan, cases)
    if assignments:
        improved = await _whole_way(play, assignments, cases)
        await _use_knowledge(play, improved, cases)
    await _fast(play, complaints, clusters, plan)


async def _look(play: Play) -> tuple[list[Known], list[Cluster]]:
    """All complaints, oldest first, and the clusters among them."""
    found = await play.team.named("helen.brooks").api.all("/v1/complaints")
    complaints = sorted((Known.of(item) for item in found), key=lambda one: one.number)
    play.background = complaints[:_BACKGROUND]
    return complaints, find_clusters(complaints)


async def _assign(play: Play, clusters: Sequence[Cluster], plan: Plan, cases: dict[str, Json]) -> list[Assignment]:
    """The largest clusters that nobody has analysed yet."""
    rcas = await play.team.named("helen.brooks").api.all("/v1/rcas")
    analysed = {(rca["product_family"], rca["defect_code"]) for rca in rcas if rca["state"] != "withdrawn"}
    open_to = max(0, plan.clusters - len(analysed & {cluster.key for cluster in clusters}))
    assignments: list[Assignment] = []
    for cluster in clusters:
        waiting = [one for one in cluster.complaints if one.complaint_id in cases]
        if cluster.key in analysed or len(waiting) < 2 or len(assignments) == open_to:
            continue
        kept = _newest_like_the_rest(cluster, waiting) if len(assignments) < _USES else None
        waiting = [one for one in waiting if one != kept]
        wording = wording_of(cluster, play.background)
        watched = len(assignments) + 1 == open_to > 1
        assignments.append(Assignment(cluster, wording, tuple(waiting[: plan.per_cluster]), kept, watched))
    return assignments


def _newest_like_the_rest(cluster: Cluster, waiting: Sequence[Known]) -> Known | None:
    alike = [one for one in waiting if (one.failure_location or cluster.product_family) == cluster.location]
    return alike[-1] if len(alike) > 3 else None


async def _whole_way(play: Play, assignments: Sequence[Assignment], cases: dict[str, Json]) -> list[Improved]:
    pairs = [pair for assignment in assignments for pair in assignment.pairs]
    chosen = [one for one, _ in pairs]
    await fast_path.show_missing_deliverable(play, chosen[0])
    await casework.answer_and_review(play, chosen, cases)
    await casework.diagnose(play, pairs, cases)
    improved = await clusterwork.improve(play, assignments)
    await casework.finish(play, pairs)
    await clusterwork.prove(play, improved)
    return improved


async def _use_knowledge(play: Play, improved: Sequence[Improved], cases: dict[str, Json]) -> None:
    offers = [
        learning.Offer(each.assignment.kept, each.assignment.wording, each.rca, each.capa)
        for each in improved
        if each.assignment.kept is not None
    ]
    if offers:
        await learning.use(play, offers, cases)


async def _fast(play: Play, complaints: Sequence[Known], clusters: Sequence[Cluster], plan: Plan) -> None:
    """Up to the plan's closures; those outside every cluster first."""
    cases = await play.open_cases("intake")
    closed = len(await play.team.named("helen.brooks").api.all("/v1/cases", state="closed"))
    clustered = {one.complaint_id for cluster in clusters for one in cluster.complaints}
    waiting = [one for one in complaints if one.complaint_id in cases]
    waiting.sort(key=lambda one: one.complaint_id in clustered)
    await fast_path.close_without_investigation(play, waiting[: max(0, plan.closures - closed)], cases)


async def _picture(play: Play, target: Target, first_import: Json) -> dict[str, Any]:
    with play.story.chapter("Everything delivered and compared 核对"):
        report = await verify(play.admin, wait_s=_SETTLE_S)
    manager = play.team.named("helen.brooks").api
    kpis, definitions = await manager.get("/v1/kpis"), await _definitions(manager)
    play.story.console.print(kpi_table(kpis["values"], definitions))
    play.story.console.print(check_table(report))
    counts = await result.count(play.admin, target, first_import, report, kpis)
    merged = counts.pop("closed_as_duplicates")
    full = counts["closed"] - counts["closed_fast_path"] - merged
    told = (
        f"{counts['cases_opened']} cases",
        f"{counts['closed']} closed: {counts['closed_fast_path']} by the fast path, {full} the whole way, "
        f"{merged} as a duplicate",
        f"{counts['rcas']} analyses, {counts['capas_closed']} CAPAs closed",
        f"{counts['knowledge_cases']} knowledge cases",
        f"{counts['receipts_sent']} receipts received by their customers",
        f"{counts['surveys_answered']} of {counts['surveys_sent']} surveys answered",
    )
    play.story.tell("in all", "; ".join(told))
    return counts


async def _definitions(api: Api) -> list[Json]:
    answer = await api.get("/v1/kpis/definitions")
    found: list[Json] = answer.get("items") or answer.get("kpis") or []
    return found
