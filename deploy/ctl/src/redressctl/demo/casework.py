"""Scene 3, the cases themselves: answered, reviewed, diagnosed, contained, verified, called back, closed."""

from collections.abc import Sequence

from redressctl.api import Json
from redressctl.clusters import Known
from redressctl.demo.outcomes import INVESTIGATED, rating
from redressctl.demo.people import Person
from redressctl.demo.play import EVENTS_WITHIN_S, Play
from redressctl.demo.wording import Wording, say
from redressctl.polling import until
from redressctl.together import together

_REPRODUCED = ("reproduced", "reproduced", "not_reproduced")


async def answer(play: Play, one: Known, case: Json) -> tuple[Person, Json]:
    """The first human answer, by whoever has the case on the desk; returns who, and the case after it."""
    person = play.team.assigned(case.get("assignee"), "customer_service")
    text = say(one.language, "answer", name=person.name, problem=one.topic, number=one.number)
    return person, await person.api.post(f"/v1/cases/{one.complaint_id}/responses", {"channel": "phone", "text": text})


async def review(play: Play, one: Known, case: Json) -> None:
    """The grade and the record are confirmed."""
    for task in case["tasks"]:
        if task["kind"] == "grade_review" and task["state"] in ("open", "in_progress"):
            person = play.team.assigned(task.get("assignee"), "customer_service")
            await person.api.post(
                f"/v1/tasks/{task['task_id']}/complete", {"result": say(one.language, "grade_review")}
            )


async def answer_and_review(play: Play, chosen: Sequence[Known], cases: dict[str, Json]) -> None:
    with play.story.chapter("First answers, records and grades reviewed 首次响应与分级复核", len(chosen)) as tick:

        async def work(one: Known) -> None:
            _, case = await answer(play, one, cases[one.complaint_id])
            await review(play, one, case)
            tick()

        await together(work(one) for one in chosen)


async def diagnose(play: Play, chosen: Sequence[tuple[Known, Wording]], cases: dict[str, Json]) -> None:
    """Containment before root cause: where the grade asks for it, it is recorded first."""
    tasks = await play.open_tasks("diagnose")
    with play.story.chapter("Contained and diagnosed 围堵与初步诊断", len(chosen)) as tick:

        async def work(turn: int, one: Known, wording: Wording) -> None:
            task = tasks[one.complaint_id]
            engineer = play.team.assigned(task.get("assignee"), "technical_support")
            if cases[one.complaint_id]["grade"] != "routine":
                await _contain(engineer, one, wording)
            delivered = {
                "preliminary_cause": wording.common("diagnosis"),
                "reproduction": _REPRODUCED[turn % len(_REPRODUCED)],
                "onsite_support": "yes" if turn % 5 == 0 else "no",
            }
            await engineer.api.post(f"/v1/tasks/{task['task_id']}/complete", {"deliverables": delivered})
            tick()

        await together(work(turn, *pair) for turn, pair in enumerate(chosen))


async def _contain(engineer: Person, one: Known, wording: Wording) -> None:
    body = {"text": wording.common("containment"), "place": "own_stock", "quantity_checked": 40, "quantity_nok": 2}
    await engineer.api.post(f"/v1/cases/{one.complaint_id}/containment", body)


async def finish(play: Play, chosen: Sequence[tuple[Known, Wording]]) -> None:
    """The fix is verified, the customer called back, the outcome recorded."""
    ids = {one.complaint_id for one, _ in chosen}
    with play.story.chapter("Gates opened by finished analyses and CAPAs 环节放行"):
        await play.reached("effectiveness", ids)
    verifying, calling = await play.open_tasks("verify_fix"), await play.open_tasks("callback")
    if chosen:
        await _record_call_back(play, calling.pop(chosen[0][0].complaint_id))
    with play.story.chapter("Fix verified, customer called back, case closed 验证、回访与关闭", len(chosen)) as tick:

        async def work(turn: int, one: Known, wording: Wording) -> None:
            await _verify(play, verifying[one.complaint_id], wording)
            desk = await _call_back(play, calling.get(one.complaint_id), wording, turn)
            ending = INVESTIGATED[turn % len(INVESTIGATED)]
            await desk.api.change(f"/v1/cases/{one.complaint_id}", "close", {"outcome": ending.outcome(one.language)})
            tick()

        await together(work(turn, *pair) for turn, pair in enumerate(chosen))


async def _verify(play: Play, task: Json, wording: Wording) -> None:
    person = play.team.assigned(task.get("assignee"), "quality")
    await person.api.post(f"/v1/tasks/{task['task_id']}/complete", {"result": wording.common("verified")})


async def _record_call_back(play: Play, task: Json) -> None:
    """What a customer says on the phone counts as the survey of this closing, and is the deliverable the gate needs."""
    person = play.team.assigned(task.get("assignee"), "customer_service")
    said = {"process_rating": 5, "result_rating": 4}
    await person.api.post(f"/v1/cases/{task['case_id']}/survey-answer", said)

    async def state() -> str:
        return str((await person.api.get(f"/v1/tasks/{task['task_id']}"))["state"])

    await until(state, lambda seen: seen == "done", "a recorded call-back ending its task", within_s=EVENTS_WITHIN_S)
    play.story.tell(person.name, f"{task['number']}: called back and rated by phone, so no survey by mail")


async def _call_back(play: Play, task: Json | None, wording: Wording, turn: int) -> Person:
    if task is None:
        return play.team.someone("customer_service")
    person = play.team.assigned(task.get("assignee"), "customer_service")
    body = {"result": wording.common("called_back"), "deliverables": {"callback": rating(turn)}}
    await person.api.post(f"/v1/tasks/{task['task_id']}/complete", body)
    return person
