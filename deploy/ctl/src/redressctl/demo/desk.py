"""Scene 2, customer service: open questions are asked, a wrong grade is corrected, proposed repeats are judged."""

from collections import Counter

from redressctl.api import Json
from redressctl.demo.play import SAFETY_QUESTIONS, Play
from redressctl.demo.wording import say
from redressctl.together import together

_MOST_QUESTIONS = 10
_ALIKE = 0.5


async def tidy(play: Play, *, judged: int) -> None:
    """`judged`: of how many complaints the proposed repeats are judged."""
    await _ask_back(play)
    await _regrade_one(play)
    await _judge_repeats(play, judged)


async def _ask_back(play: Play) -> None:
    desk = play.team.someone("customer_service")
    page = await desk.api.get("/v1/complaints", has_questions=True, state="open", limit=_MOST_QUESTIONS)
    with play.story.chapter("Open questions asked 追问", len(page["items"])) as tick:
        for complaint in page["items"]:
            path = f"/v1/complaints/{complaint['complaint_id']}"
            missing = {name: "no" for name in SAFETY_QUESTIONS if complaint.get(name) == "unknown"}
            reason = say(complaint["language"], "answered_question")
            after = await desk.api.change(path, "", missing | {"reason": reason}, verb="PATCH")
            tick()
    if page["items"]:
        play.story.tell(
            desk.name, f"{after['number']}: {complaint['grade']} → {after['grade']}, now that it is answered"
        )


async def _regrade_one(play: Play) -> None:
    lead = play.team.named("lin.xiaowen")
    page = await lead.api.get("/v1/complaints", grade="routine", state="open", limit=1)
    for complaint in page["items"]:
        path = f"/v1/complaints/{complaint['complaint_id']}"
        body = {"grade": "important", "reason_code": "wrong_then", "reason": say(complaint["language"], "regrade")}
        after = await lead.api.change(path, "regrade", body)
        play.story.tell(lead.name, f"{after['number']}: routine → {after['grade']} by hand, counted as graded wrong")


async def _judge_repeats(play: Play, most: int) -> None:
    page = await play.team.named("lin.xiaowen").api.get("/v1/complaints", has_open_proposals=True, limit=min(most, 200))
    verdicts: Counter[str] = Counter()
    with play.story.chapter("Proposed repeats judged 重复判定", len(page["items"])) as tick:

        async def judge(complaint_id: str) -> None:
            verdicts.update(await _judge(play, complaint_id))
            tick()

        await together(judge(item["complaint_id"]) for item in page["items"])
    told = ", ".join(f"{level} {n}" for level, n in sorted(verdicts.items()))
    play.story.tell("customer service", f"verdicts: {told or 'none were proposed'}")


async def _judge(play: Play, complaint_id: str) -> list[str]:
    desk = play.team.someone("customer_service")
    complaint = await desk.api.get(f"/v1/complaints/{complaint_id}")
    given: list[str] = []
    for proposal in complaint["proposals"]:
        if proposal["verdict"] == "open" and "duplicate" not in given:
            verdict = verdict_on(proposal)
            reason = say(complaint["language"], _REASONS[verdict])
            await desk.api.post(
                f"/v1/proposals/{proposal['proposal_id']}/verdict", {"verdict": verdict, "reason": reason}
            )
            given.append(verdict)
    return given


def verdict_on(proposal: Json) -> str:
    """A person's eye, played: the same customer is believed, another's same problem only when it reads alike."""
    if proposal["level"] != "R2" or proposal["score"] >= _ALIKE or proposal["basis"] == "signature":
        return str(proposal["level"])
    return "none"


_REASONS = {"duplicate": "judged_duplicate", "R1": "judged_repeat", "R2": "judged_repeat", "none": "judged_other"}
