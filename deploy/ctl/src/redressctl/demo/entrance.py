"""Scene 1: complaints come in, some by API, then the whole file; the same file again opens nothing new."""

import json
from itertools import islice
from typing import Any

from redressctl.api import Api, Json
from redressctl.demo.cast import SHOP
from redressctl.demo.play import EVENTS_WITHIN_S, Play, refused
from redressctl.mapping import MappedFile, complaint_of, is_time
from redressctl.polling import until
from redressctl.verify.books import ledger

_SAFETY = ("injury_or_fire", "legal", "several_affected", "core_business_stopped")
_IMPORT_TIMEOUT_S = 1800.0
_LOOKED_AT = 50


async def receive(play: Play, file: MappedFile) -> tuple[Json, Json]:
    """The reports of the file's first and second import."""
    await _by_api(play, file)
    desk = play.team.someone("customer_service")
    with play.story.chapter(f"File {file.path.name} imported 导入"):
        first = await _import(desk.api, file)
    play.story.tell(desk.name, _told(first))
    with play.story.chapter("The same file again 重复导入"):
        second = await _import(desk.api, file)
    play.story.tell(desk.name, f"{_told(second)}: nothing new")
    with play.story.chapter("Every complaint has its case 立案"):
        await _all_opened(play.admin)
    return first, second


async def _by_api(play: Play, file: MappedFile) -> None:
    """Two of the file's own rows, sent by a shop before the file comes: one complaint through two doors."""
    candidates = (complaint_of(file.mapping, row) for row in islice(file.rows(), _LOOKED_AT))
    rows = list(islice(filter(sendable, candidates), 2))
    if not rows:
        return
    shop = play.team.named(SHOP).api
    with play.story.chapter("Complaints by API 接口受理"):
        await _same_key_twice(play, shop, rows[0])
        if len(rows) > 1:
            await _safety_unknown(play, shop, rows[1])
        await _bad(play, shop, rows[0])


def sendable(complaint: dict[str, Any]) -> bool:
    """Whole enough to be sent alone, and known again by its external id when the file brings it."""
    needed = ("external_id", "customer_name", "product_family", "description")
    return all(complaint.get(name) for name in needed) and all(
        is_time(text) for name, text in complaint.items() if name.startswith("t_")
    )


async def _same_key_twice(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = dict.fromkeys(_SAFETY, "no") | row
    key = f"demo-{row['external_id']}"
    first = await shop.post("/v1/complaints", body, key=key)
    again = await shop.post("/v1/complaints", body, key=key)
    play.story.tell(
        "web shop", f"{first['number']} {first['grade']}; the same Idempotency-Key again: {again['number']}"
    )
    other = await refused("", shop.post("/v1/complaints", body | {"quantity": 2}, key=key))
    play.story.tell("web shop", f"the same key with another body: {other.status} {other.slug}")


async def _safety_unknown(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = {name: value for name, value in row.items() if name not in _SAFETY}
    answer = await shop.post("/v1/complaints", body, key=f"demo-{row['external_id']}")
    asked = ", ".join(answer.get("questions") or []) or "nothing"
    play.story.tell("web shop", f"{answer['number']} without safety answers: {answer['grade']}, to be asked: {asked}")


async def _bad(play: Play, shop: Api, row: dict[str, Any]) -> None:
    body = row | {"external_id": "demo-bad", "description": "", "injury_or_fire": "maybe"}
    problem = await refused("", shop.post("/v1/complaints", body))
    fields = "; ".join(f"{name} {message}" for name, message in problem.fields.items())
    play.story.tell("web shop", f"a bad one: {problem.status} application/problem+json {problem.slug} ({fields})")


async def _import(api: Api, file: MappedFile) -> Json:
    parts = [
        ("mapping", (None, json.dumps(file.mapping, ensure_ascii=False))),
        ("historical", (None, "false")),
        ("file", (file.path.name, file.path.read_bytes(), "text/csv")),
    ]
    return await api.send("POST", "/v1/imports", files=parts, timeout=_IMPORT_TIMEOUT_S)


async def _all_opened(admin: Api) -> None:
    expected = len(await ledger(admin, "intake", "complaints"))

    async def opened() -> int:
        return len(await ledger(admin, "workflow", "cases"))

    what = f"{expected} complaints getting their cases"
    await until(opened, lambda n: n >= expected, what, within_s=EVENTS_WITHIN_S, every_s=0.3)


def _told(report: Json) -> str:
    counts = ", ".join(f"{name} {report[name]}" for name in ("rows", "registered", "existing", "rejected"))
    rejects = "; ".join(f"line {r['line']} {r['column']}: {r['reason']}" for r in report["first_rejects"][:3])
    return counts + (f" ({rejects})" if rejects else "")
