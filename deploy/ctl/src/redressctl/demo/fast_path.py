"""Scene 6, most complaints: closed without an investigation, with a reason and a name; one comes back."""

from collections.abc import Sequence

from redressctl.api import Json
from redressctl.clusters import Known
from redressctl.demo import casework
from redressctl.demo.costs import post_for_case
from redressctl.demo.outcomes import NOT_INVESTIGATED, Ending
from redressctl.demo.people import Person
from redressctl.demo.play import Play, refused
from redressctl.demo.wording import phrases, say
from redressctl.together import together

_FROM_DIAGNOSIS_EVERY, _COSTS_EVERY = 6, 4


async def close_without_investigation(play: Play, chosen: Sequence[Known], cases: dict[str, Json]) -> None:
    with play.story.chapter("Fast path: answered, no investigation needed, closed 快速关闭", len(chosen)) as tick:

        async def work(turn: int, one: Known) -> None:
            await _close(play, turn, one, cases[one.complaint_id])
            tick()

        await together(work(turn, one) for turn, one in enumerate(chosen))
    if chosen:
        await _come_back(play, chosen[0])


async def _close(play: Play, turn: int, one: Known, case: Json) -> None:
    desk, case = await casework.answer(play, one, case)
    path = f"/v1/cases/{one.complaint_id}"
    reasons = phrases(one.language)["skip_reasons"]
    who, version = desk, case["version"]
    if turn % _FROM_DIAGNOSIS_EVERY == 0:
        await casework.review(play, one, case)
        who, version = play.team.someone("technical_support", one.language), 0
    skipped = await who.api.change(
        path, "skip-investigation", {"reason": reasons[turn % len(reasons)]}, version=version
    )
    ending = NOT_INVESTIGATED[turn % len(NOT_INVESTIGATED)]
    await _end(desk, one, ending, skipped["version"])
    if ending.remedy and turn % _COSTS_EVERY == 0:
        await post_for_case(desk, one.language, one.complaint_id, turn)


async def _end(desk: Person, one: Known, ending: Ending, version: int) -> None:
    body = {"outcome": ending.outcome(one.language)}
    await desk.api.change(f"/v1/cases/{one.complaint_id}", "close", body, version=version)


async def _come_back(play: Play, one: Known) -> None:
    """Reopened; the first close is kept. Closed again once settled."""
    desk = play.team.someone("customer_service", one.language)
    path = f"/v1/cases/{one.complaint_id}"
    case = await desk.api.change(path, "reopen", {"reason": say(one.language, "reopen")})
    play.story.tell(
        desk.name, f"{one.number} reopened; first closed at {case['closed_first_at'][:19]} as {_first(case)}"
    )
    ending = Ending("resolved", "repair", accepted=True, justified=True)
    await _end(desk, one, ending, case["version"])


def _first(case: Json) -> str:
    return str((case.get("first_outcome") or {}).get("code", ""))


async def show_missing_deliverable(play: Play, one: Known) -> None:
    """A gate does not open by hand: the answer names what is missing."""
    desk = play.team.someone("customer_service", one.language)
    problem = await refused("missing_deliverable", desk.api.change(f"/v1/cases/{one.complaint_id}", "advance"))
    play.story.tell(desk.name, f"{one.number} advance: {problem.status} {problem.slug}: {', '.join(problem.possible)}")
