"""Customers open the links of their letters, without credentials, and say whether they were satisfied."""

import asyncio
from collections.abc import Sequence
from urllib.parse import urlsplit

import httpx

from redressctl.demo.letters import Letter, letters
from redressctl.demo.play import EVENTS_WITHIN_S, Play
from redressctl.demo.wording import phrases
from redressctl.errors import CtlError
from redressctl.polling import until
from redressctl.target import Target

_MOST_ANSWERS = 40
# (process, result): mostly satisfied, more often with how it went than with what came of it.
_ANSWERS = ((5, 5), (4, 4), (5, 4), (4, 2), (5, 5), (3, 3), (4, 5), (2, 1), (5, 4), (4, 3))
_TOO_MANY = httpx.codes.TOO_MANY_REQUESTS


async def ask_customers(play: Play, target: Target) -> None:
    """Of an installation whose mails go to real customers nobody is played."""
    if target.sink_url is None:
        play.story.tell("customers", "no mail sink here: their letters are their own, nobody answers for them")
        return
    with play.story.chapter("Closing letters delivered, each with its survey 满意度调查"):
        await _all_asked(play)
    async with (
        httpx.AsyncClient(base_url=target.sink_url, trust_env=False, timeout=30) as sink,
        httpx.AsyncClient(base_url=target.url, trust_env=False, timeout=30) as browser,
    ):
        await _look_at_status(play, browser, await letters(sink, "receipt"))
        await _answer(play, browser, await letters(sink, "case_closed"))


async def _all_asked(play: Play) -> None:
    manager = play.team.named("helen.brooks").api

    async def waiting() -> int:
        return len((await manager.get("/v1/surveys", state="waiting", limit=1))["items"])

    await until(waiting, lambda n: n == 0, "every closing letter going out", within_s=EVENTS_WITHIN_S)


async def _look_at_status(play: Play, browser: httpx.AsyncClient, received: Sequence[Letter]) -> None:
    """The first customer's: nobody else can see it, and nobody without the link."""
    link = next((letter.link("status") for letter in received if letter.link("status")), "")
    if not link:
        return
    path = urlsplit(link).path
    page = await open_link(browser, path)
    status = (await browser.get(f"/v1/public{path}")).json()
    altered = await browser.get(path[:-8] + "tampered")
    if page.status_code != httpx.codes.OK or altered.status_code != httpx.codes.NOT_FOUND:
        raise CtlError(f"A status link answered {page.status_code}, an altered one {altered.status_code}.")
    play.story.tell(
        "a customer",
        f"opens the status page of {status['number']}: {status['stage']}; an altered link: {altered.status_code}",
    )


async def _answer(play: Play, browser: httpx.AsyncClient, closing: Sequence[Letter]) -> None:
    """Two of three customers take the trouble. Whoever has answered in an earlier run of the demo stays with that."""
    asked = [letter for letter in closing if letter.link("survey")]
    willing = [letter for turn, letter in enumerate(asked) if turn % 3 != 1][:_MOST_ANSWERS]
    with play.story.chapter("Customers answer 客户评价", len(willing)) as tick:
        for turn, letter in enumerate(willing):
            path = urlsplit(letter.link("survey")).path
            if "<form" in (await open_link(browser, path)).text:
                await _send(browser, path, _form(letter, turn))
            tick()
    if willing:
        path = urlsplit(willing[0].link("survey")).path
        await _send(browser, path, {"process_rating": "1", "result_rating": "1"})
        play.story.tell("a customer", "answers a second time: thanked, and counted once")


def _form(letter: Letter, turn: int) -> dict[str, str]:
    process, result = _ANSWERS[turn % len(_ANSWERS)]
    comments: list[str] = phrases("zh" if "您" in letter.text else "en")["survey_comments"]
    said = {"comment": comments[turn // 3 % len(comments)]} if turn % 3 == 0 else {}
    return {"process_rating": str(process), "result_rating": str(result)} | said


async def _send(browser: httpx.AsyncClient, path: str, form: dict[str, str]) -> None:
    answer = await patiently(browser, "POST", path, data=form)
    if answer.status_code != httpx.codes.SEE_OTHER:
        raise CtlError(f"A survey's answer was refused with {answer.status_code}.")


async def open_link(browser: httpx.AsyncClient, path: str) -> httpx.Response:
    return await patiently(browser, "GET", path)


async def patiently(browser: httpx.AsyncClient, verb: str, path: str, **more: dict[str, str]) -> httpx.Response:
    """All customers of the demo sit behind one address, whose rate is limited."""
    while True:
        answer = await browser.request(verb, path, **more)  # type: ignore[arg-type]
        if answer.status_code != _TOO_MANY:
            return answer
        await asyncio.sleep(float(answer.headers["Retry-After"]))
