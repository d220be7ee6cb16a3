"""Scene 1 goes on: one complaint by every kind of channel, each set up in the registry first."""

import asyncio
from typing import Any

from redressctl.api import Api, Json
from redressctl.demo.play import Play, in_days
from redressctl.demo.vendors import Vendor, vendors
from redressctl.demo.words import said_by
from redressctl.errors import ApiProblem

_SAFE = dict.fromkeys(("injury_or_fire", "legal", "several_affected", "core_business_stopped"), "no")
_FORM = "small_firm"
_PUBLIC_BODIES = {"authority_12315": "12315", "authority_12345": "12345", "heimao": "黑猫投诉"}


async def by_channels(play: Play) -> dict[str, int]:
    """Kind -> complaints that came by it."""
    with play.story.chapter("Every kind of channel 各类渠道"):
        counts = {vendor.kind: await _by_vendor(play, vendor) for vendor in vendors()}
        counts |= await _by_people(play)
        counts |= await _by_public_bodies(play)
        counts["web_form"] = await _by_form(play)
    return counts


async def _by_vendor(play: Play, vendor: Vendor) -> int:
    channel = await _channel(play.admin, vendor.kind, vendor.label_zh, vendor.label_en, vendor.language, vendor.mapping)
    for name, value in vendor.secrets.items():
        await play.admin.change(f"/v1/channels/{vendor.channel_id}", f"secrets/{name}", {"value": value}, verb="PUT")
    delivery = vendor.deliver(vendor.secrets, channel["hook_url"])
    answer = await play.admin.http.request(
        "POST",
        f"/hooks/{vendor.channel_id}",
        params=dict(delivery.query),
        headers={"Content-Type": delivery.content_type, **delivery.headers},
        content=delivery.body,
    )
    came = {one["outcome"]: int(one["n"]) for one in (await _look(play.admin, vendor.channel_id))["counts"]}
    told = ", ".join(f"{outcome} {n}" for outcome, n in came.items())
    play.story.tell(vendor.label_en, f"signed delivery: {answer.status_code}; so far {told}")
    return came.get("registered", 0)


async def _by_people(play: Play) -> dict[str, int]:
    """By telephone, with who took it, and on paper."""
    desk = play.team.someone("customer_service")
    phone = {"channel": "phone", "language": "zh", "customer_name": "赵明", "customer_phone": "13900001234"}
    paper = {"channel": "paper", "language": "en", "customer_name": "Greta Lindqvist"}
    found = {}
    for kind, body in (("phone", phone | {"taken_by": desk.name}), ("paper", paper)):
        await _channel(play.admin, kind, {"phone": "电话", "paper": "信函"}[kind], kind.title(), str(body["language"]))
        found[kind] = await _registered(play, desk.api, kind, body)
    return found


async def _by_public_bodies(play: Play) -> dict[str, int]:
    """With the body's own number, and an answer due back to it."""
    desk = play.team.someone("customer_service")
    found = {}
    for n, (kind, zh) in enumerate(_PUBLIC_BODIES.items(), 1):
        await _channel(play.admin, kind, zh, zh, "zh")
        body = {
            "channel": "authority",
            "language": "zh",
            "customer_name": f"消费者{n}",
            "answer_due": in_days(4 + n),
        }
        found[kind] = await _registered(play, desk.api, kind, body)
    due = await desk.api.get("/v1/answers-due", limit=50)
    play.story.tell(desk.name, f"answers due back to public bodies: {len(due['items'])}")
    return found


async def _registered(play: Play, api: Api, kind: str, body: dict[str, Any]) -> int:
    channel_id = f"demo-{kind.replace('_', '-')}"
    complaint = {
        "channel_id": channel_id,
        "external_id": f"demo-{kind}-1",
        "product_family": "Aurora e-bike",
        "description": said_by(kind),
        **_SAFE,
    }
    answer = await api.post("/v1/complaints", complaint | body)
    play.story.tell(kind, f"{answer['number']} {answer['grade']}")
    return 1


async def _by_form(play: Play) -> int:
    """The public page's JSON: anybody may send it, a token and the time to fill it in keep machines away."""
    api = play.admin.as_("")
    if (await play.admin.get("/v1/complaints", channel="web", limit=1))["items"]:
        return 1
    form = await api.get(f"/v1/public/forms/{_FORM}")
    answers = {
        "customer_name": "Noah Becker",
        "phone": "+49 151 55501234",
        "product": "Aurora e-bike",
        "description": said_by("web_form"),
        **{item["key"]: "no" for item in form["fields"] if item["type"] == "yes_no_unknown"},
    }
    await asyncio.sleep(form["least_seconds"] + 0.2)
    sent = {"form_data": answers, "token": form["token"], "language": "en"}
    answer = await api.post(f"/v1/public/forms/{_FORM}", sent)
    play.story.tell("web form", f"{answer['number']} from the public form {_FORM}")
    return 1


async def _channel(api: Api, kind: str, zh: str, en: str, language: str, mapping: Any = None) -> Json:
    channel_id = f"demo-{kind.replace('_', '-')}"
    body = {"channel_id": channel_id, "kind": kind, "label_zh": zh, "label_en": en, "language": language}
    body |= {"product_family": "Aurora e-bike"} | ({"mapping": mapping} if mapping else {})
    try:
        return await api.post("/v1/channels", body)
    except ApiProblem as problem:
        if problem.status != 409:
            raise
        return await _look(api, channel_id)


async def _look(api: Api, channel_id: str) -> Json:
    return await api.get(f"/v1/channels/{channel_id}")
