"""Scene 4, quality: each cluster gets one analysis and one CAPA, which its other cases then join."""

from collections.abc import Sequence
from dataclasses import dataclass

from redressctl.api import Json
from redressctl.clusters import Cluster, Known
from redressctl.demo import analysis, improvement, learning
from redressctl.demo.costs import post_for_capa, post_for_case
from redressctl.demo.improvement import Roles, roles_for
from redressctl.demo.play import Play
from redressctl.demo.wording import Wording
from redressctl.together import together


@dataclass(frozen=True)
class Assignment:
    """One cluster's work."""

    cluster: Cluster
    wording: Wording
    chosen: tuple[Known, ...]
    """Cases that go the whole way; the first of them is analysed, the others join."""
    kept: Known | None
    """Stays untouched until knowledge can be offered to it."""
    watched: bool
    """Its effect is judged by recurrence over 30 days."""

    @property
    def pairs(self) -> list[tuple[Known, Wording]]:
        return [(one, self.wording) for one in self.chosen]


@dataclass(frozen=True)
class Improved:
    assignment: Assignment
    roles: Roles
    rca: Json
    capa: Json


async def improve(play: Play, assignments: Sequence[Assignment]) -> list[Improved]:
    """Analyses completed, CAPAs carried out, further cases linked."""
    with play.story.chapter("Root causes, CAPAs, actions 根本原因与措施", len(assignments)) as tick:

        async def one(position: int, assignment: Assignment) -> Improved:
            done = await _improve(play, assignment, show=position == 0)
            tick()
            return done

        done = await together(one(position, assignment) for position, assignment in enumerate(assignments))
    for each in done[:3]:
        root = analysis.root_of(each.rca, "occurrence")["answer"]
        play.story.tell(each.roles.author.name, f"{each.rca['number']} {each.assignment.cluster.name}: {root}")
    joined = sum(len(each.assignment.chosen) - 1 for each in done)
    play.story.tell("quality", f"{len(done)} analyses and CAPAs; {joined} further cases joined one that was finished")
    return done


async def _improve(play: Play, assignment: Assignment, *, show: bool) -> Improved:
    cluster, wording = assignment.cluster, assignment.wording
    roles = roles_for(play, wording.language)
    first, *others = (one.complaint_id for one in assignment.chosen)
    rca = await analysis.analyse(roles.author, cluster, wording, [first])
    capa = await improvement.plan(play, roles, cluster, wording, rca, watched=assignment.watched)
    if show:
        await improvement.refuse_self_approval(play, roles, capa)
    capa = await improvement.carry_out(play, roles, capa, wording)
    if others:
        await learning.link(roles.author, rca, capa, others)
    await post_for_capa(roles.author, wording.language, capa["capa_id"])
    return Improved(assignment, roles, rca, capa)


async def prove(play: Play, improved: Sequence[Improved]) -> None:
    """Effects judged, CAPAs closed, knowledge published, external costs posted."""
    with play.story.chapter(
        "Effect judged, CAPA closed, knowledge published 效果验证与知识沉淀", len(improved)
    ) as tick:

        async def one(each: Improved) -> None:
            await _prove(play, each)
            tick()

        await together(one(each) for each in improved)
    for each in improved:
        if each.assignment.watched:
            await improvement.refuse_early_close(play, each.roles, each.capa)


async def _prove(play: Play, each: Improved) -> None:
    wording, roles = each.assignment.wording, each.roles
    if not each.assignment.watched:
        await improvement.conclude(play, roles, each.capa, wording)
    await learning.publish(
        each.roles.author, each.assignment.cluster, wording, each.rca, each.capa, each.assignment.chosen
    )
    desk = play.team.someone("customer_service", wording.language)
    chosen = enumerate(each.assignment.chosen)
    await together(post_for_case(desk, wording.language, one.complaint_id, turn) for turn, one in chosen)
