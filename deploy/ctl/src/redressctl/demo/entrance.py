"""Scene 1: complaints come in, a few by API, files and mail, then the whole file; again it opens nothing."""

from itertools import islice
from typing import Any

from redressctl.api import Api, Json
from redressctl.demo import channels, entrances
from redressctl.demo.cast import SHOP
from redressctl.demo.play import EVENTS_WITHIN_S, SAFETY_QUESTIONS, Play, refused
from redressctl.demo.sending import LOOKED_AT, import_content, sendable, told
from redressctl.mapping import MappedFile, complaint_of
from redressctl.polling import until
from redressctl.verify.books import ledger


async def receive(play: Play, file: MappedFile) -> tuple[Json, dict[str, int]]:
    """The report of the file's first import, and how many came in by each entrance."""
    by_api = await _by_api(play, file)
    counts = {"api": by_api, **await entrances.by_files(play, file, by_api), **await entrances.by_mail(play)}
    counts |= await channels.by_channels(play)
    desk = play.team.someone("customer_service")
    with play.story.chapter(f"File {file.path.name} imported 导入"):
        first = await _whole(desk.api, file)
    play.story.tell(desk.name, told(first))
    with play.story.chapter("The same file again 重复导入"):
        second = await _whole(desk.api, file)
    play.story.tell(desk.name, f"{told(second)}: nothing new")
    with play.story.chapter("Every complaint has its case 立案"):
        await _all_opened(play.admin)
    return first, {"csv": first["registered"] + first["existing"], **counts}


async def _whole(api: Api, file: MappedFile) -> Json:
    return await import_content(api, file.path.name, file.path.read_bytes(), "text/csv", file.mapping)


async def _by_api(play: Play, file: MappedFile) -> int:
    """How many: two of the file's own rows, sent by a shop before the file comes: one complaint through two doors."""
    candidates = (complaint_of(file.mapping, row) for row in islice(file.rows(), LOOKED_AT))
    rows = list(islice(filter(sendable, candidates), 2))
    if not rows:
        return 0
    shop = play.team.named(SHOP).api
    with play.story.chapter("Complaints by API 接口受理"):
        await _same_key_twice(play, shop, rows[0])
        if len(rows) > 1:
            await _safety_unknown(play, shop, rows[1])
        await _bad(play, shop, rows[0])
    return len(rows)


async def _same_key_twice(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = dict.fromkeys(SAFETY_QUESTIONS, "no") | row
    key = f"demo-{row['external_id']}"
    first = await shop.post("/v1/complaints", body, key=key)
    again = await shop.post("/v1/complaints", body, key=key)
    play.story.tell(
        "web shop", f"{first['number']} {first['grade']}; the same Idempotency-Key again: {again['number']}"
    )
    other = await refused("", shop.post("/v1/complaints", body | {"quantity": 2}, key=key))
    play.story.tell("web shop", f"the same key with another body: {other.status} {other.slug}")


async def _safety_unknown(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = {name: value for name, value in row.items() if name not in SAFETY_QUESTIONS}
    answer = await shop.post("/v1/complaints", body, key=f"demo-{row['external_id']}")
    asked = ", ".join(answer.get("questions") or []) or "nothing"
    play.story.tell("web shop", f"{answer['number']} without safety answers: {answer['grade']}, to be asked: {asked}")


async def _bad(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = row | {"external_id": "demo-bad", "description": "", "injury_or_fire": "maybe"}
    problem = await refused("", shop.post("/v1/complaints", body))
    fields = "; ".join(f"{name} {message}" for name, message in problem.fields.items())
    play.story.tell("web shop", f"a bad one: {problem.status} application/problem+json {problem.slug} ({fields})")


async def _all_opened(admin: Api) -> None:
    expected = len(await ledger(admin, "intake", "complaints"))

    async def opened() -> int:
        return len(await ledger(admin, "workflow", "cases"))

    what = f"{expected} complaints getting their cases"
    await until(opened, lambda n: n >= expected, what, within_s=EVENTS_WITHIN_S, every_s=0.3)
