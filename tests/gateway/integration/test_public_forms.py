"""A form on the open web, by page and by JSON; behind the door intake's own judgment, without its database."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from importlib.resources import files
from typing import Any

import httpx
import pytest

from chassis.call import current_call
from chassis.errors import Conflict, IdempotencyMismatch, Invalid, NotFound, RedressError
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.rpc import Server, refusal_of
from chassis.tokens import Calls, Signer
from intake.app.forms.filling import filled, opened_data
from intake.app.forms.published import Ready, compiled
from intake.app.forms.views import for_anybody
from redress.intake.v1 import forms_pb2_grpc, intake_pb2, intake_pb2_grpc

NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
SITE = "https://shop.example"
GOOD = {
    "customer": {"name": "Ann Miller"},
    "product": {"family": "P7"},
    "recurrent": "no",
    "problem_types": ["defective"],
    "description": "It leaks at the seal.",
    "injury_or_fire": "no",
    "remedy_wanted": "repair",
    "consent": True,
}
PAGE = {
    "f.customer.name": "Ann Miller",
    "f.product.family": "P7",
    "f.recurrent": "no",
    "f.problem_types": "defective",
    "f.description": "It leaks at the seal.",
    "f.injury_or_fire": "no",
    "f.remedy_wanted": "repair",
    "f.consent": "yes",
}


def form(name: str) -> Ready:
    document = json.loads(files("intake").joinpath("definitions/form.general.v1.json").read_text("utf-8"))
    rates = {"least_seconds": 0, "origins": [SITE], "per_address_per_minute": 1000, "per_minute": 1000}
    document["public"] |= rates | ({"per_address_per_minute": 1} if name == "narrow" else {})
    document["public"] |= {"least_seconds": 600} if name == "slow" else {}
    plain = {key: value for key, value in document.items() if key not in ("name", "version")}
    return Ready(compiled(name, 1, json.dumps(plain)), NOW, "system:shipped", None, "")


class Intake(forms_pb2_grpc.FormServiceServicer, intake_pb2_grpc.IntakeServiceServicer):
    def __init__(self, calls: Calls) -> None:
        self.calls = calls
        self.kept: dict[str, Any] = {}
        self.commands: list[Any] = []

    async def GetPublicForm(self, request: Any, context: Any) -> Any:
        current_call().require("service")
        if request.name == "retired":
            raise Conflict("form_retired", "the form was retired")
        if request.name not in ("general", "narrow", "slow"):
            raise NotFound("there is no public form")
        return for_anybody(form(request.name), opened_data(request.form_data or "{}"))

    async def RegisterBatch(self, request: Any, context: Any) -> Any:
        return intake_pb2.RegisterBatchReply(results=[await self._one(item) for item in request.items])

    async def _one(self, item: Any) -> Any:
        call = await self.calls.verify(item.token)
        try:
            return intake_pb2.RegisterResult(registered=self._registered(call, item))
        except RedressError as error:
            return intake_pb2.RegisterResult(refusal=refusal_of(error))

    def _registered(self, call: Any, item: Any) -> Any:
        assert call.actor == f"form:{item.command.form}"
        assert call.roles == frozenset({"channel", "public"})
        body = item.command.SerializeToString(deterministic=True)
        known = self.kept.get(item.idempotency_key)
        if known and known != body:
            raise IdempotencyMismatch
        data, ready = json.loads(item.command.form_data), form(item.command.form)
        found = filled(ready.checked, data, stage="intake", roles=frozenset({"public"}), now=NOW)
        if found.faults:
            raise Invalid("the answers do not fit the form", found.faults)
        self.kept[item.idempotency_key] = body
        self.commands.append(item.command)
        return intake_pb2.Registered(complaint_id="c", number=f"C26-{len(self.kept):07}")


@pytest.fixture(scope="module")
async def wired(start_gateway: Any, signing_key: str) -> AsyncIterator[tuple[Intake, httpx.AsyncClient]]:
    async def fetch(_url: str) -> dict[str, Any]:
        return Signer("gateway", signing_key).jwks()

    calls = Calls(PublishedKeys({"gateway": "jwks"}, fetch))
    intake, server = Intake(calls), Server(calls, Metrics("fake", "0"))
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(intake, server.grpc)
    forms_pb2_grpc.add_FormServiceServicer_to_server(intake, server.grpc)
    target = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    gateway = await start_gateway(
        trusted_issuers={"gateway": "jwks"}, intake_target=target, organisation="Acme", refused_per_s=1000
    )
    yield intake, gateway.client
    await server.stop(0)


@pytest.fixture
def intake(wired: tuple[Intake, httpx.AsyncClient]) -> Intake:
    wired[0].commands.clear()
    return wired[0]


@pytest.fixture
def web(wired: tuple[Intake, httpx.AsyncClient]) -> httpx.AsyncClient:
    return wired[1]


async def hidden(web: httpx.AsyncClient, name: str = "general") -> dict[str, str]:
    """What a browser would send back unseen."""
    page = (await web.get(f"/forms/{name}?lang=en")).text
    return dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page))


async def send(web: httpx.AsyncClient, answers: dict[str, Any], name: str = "general") -> httpx.Response:
    return await web.post(f"/forms/{name}?lang=en", data=answers)


def token_in(page: str) -> str:
    return re.findall(r'name="token" value="([^"]*)"', page)[0]


async def test_the_page_works_without_script_in_both_languages(web: httpx.AsyncClient) -> None:
    page = await web.get("/forms/general", headers={"Accept-Language": "zh"})
    assert page.status_code == 200
    assert "通用投诉表" in page.text
    assert "General complaint form" in (await web.get("/forms/general?lang=en")).text
    assert not re.search(r"<script|https?://|src=", page.text)
    labelled = set(re.findall(r'<label[^>]* for="([^"]+)"', page.text))
    for control in re.findall(r'<(?:input|textarea|select) id="([^"]+)"', page.text):
        assert control in labelled, control
    assert "immediate_action_needed" not in page.text
    assert "recurrent_when" not in page.text


async def test_sending_the_page_registers_once_however_often_it_is_sent(web: httpx.AsyncClient, intake: Intake) -> None:
    filled_in = PAGE | await hidden(web)
    first, second = await send(web, filled_in), await send(web, filled_in)
    assert (first.status_code, second.status_code) == (200, 200)
    number = re.findall(r"C26-\d{7}", first.text)[0]
    assert number in second.text
    assert {command.channel for command in intake.commands} == {"web"}
    assert json.loads(intake.commands[0].form_data) == GOOD


async def test_questions_that_follow_from_answers_are_asked_before_anything_is_kept(
    web: httpx.AsyncClient, intake: Intake
) -> None:
    more = await send(web, PAGE | await hidden(web) | {"f.recurrent": "yes"})
    assert "a few more questions" in more.text
    assert 'name="f.recurrent_when"' in more.text
    assert "It leaks at the seal." in more.text
    assert not intake.commands
    again = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', more.text))
    done = await send(web, PAGE | again | {"f.recurrent": "yes", "f.recurrent_when": "in May"})
    assert "C26-" in done.text
    assert json.loads(intake.commands[0].form_data)["recurrent_when"] == "in May"


async def test_wrong_answers_come_back_marked_with_what_was_written(web: httpx.AsyncClient, intake: Intake) -> None:
    page = await send(web, PAGE | await hidden(web) | {"f.description": "", "f.customer.name": "<b>Ann</b>"})
    assert page.status_code == 422
    assert "Please answer this" in page.text
    assert "&lt;b&gt;Ann&lt;/b&gt;" in page.text
    assert not intake.commands


async def test_machines_are_asked_again(web: httpx.AsyncClient, intake: Intake) -> None:
    for change in ({"website": "http://spam.example"}, {"token": "1.2.3.4"}, {"token": ""}):
        page = await send(web, PAGE | await hidden(web) | change)
        assert (page.status_code, "send it again" in page.text) == (422, True), change
    quick = await send(web, PAGE | await hidden(web, "slow"), "slow")
    assert (quick.status_code, "send it again" in quick.text) == (422, True)
    assert not intake.commands


async def test_an_address_that_floods_a_form_is_slowed(web: httpx.AsyncClient) -> None:
    answers = [await send(web, PAGE | await hidden(web, "narrow"), "narrow") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429, 429]
    assert int(answers[-1].headers["retry-after"]) > 0


async def test_unknown_and_retired_forms_are_pages_too(web: httpx.AsyncClient) -> None:
    for name, status in (("nothing", 404), ("retired", 409), ("%E5%BD%A2", 404)):
        page = await web.get(f"/forms/{name}")
        assert (page.status_code, "text/html" in page.headers["content-type"]) == (status, True)


async def test_only_the_sites_of_the_form_may_embed_it_and_read_its_answers(web: httpx.AsyncClient) -> None:
    page = await web.get("/forms/general")
    assert f"frame-ancestors 'self' {SITE}" in page.headers["content-security-policy"]
    ours = await web.get("/v1/public/forms/general", headers={"Origin": SITE})
    theirs = await web.get("/v1/public/forms/general", headers={"Origin": "https://evil.example"})
    assert ours.headers["access-control-allow-origin"] == SITE
    assert "access-control-allow-origin" not in theirs.headers
    before = await web.options(
        "/v1/public/forms/general", headers={"Origin": SITE, "Access-Control-Request-Method": "POST"}
    )
    assert (before.status_code, before.headers["access-control-allow-methods"]) == (204, "GET, POST")


async def test_the_same_by_json(web: httpx.AsyncClient, intake: Intake) -> None:
    shown = (await web.get("/v1/public/forms/general")).json()
    assert {"token", "fields", "json_schema", "layout"} <= shown.keys()
    body = {"form_data": GOOD, "token": shown["token"], "language": "en"}
    made = await web.post("/v1/public/forms/general", json=body)
    assert (made.status_code, made.json()["number"][:4]) == (201, "C26-")
    assert (await web.post("/v1/public/forms/general", json=body)).json() == made.json()
    other = await web.post("/v1/public/forms/general", json=body | {"form_data": GOOD | {"recurrent": "unknown"}})
    assert other.json()["slug"] == "idempotency_mismatch"
    decoy = await web.post("/v1/public/forms/general", json=body | {"website": "x"})
    assert (decoy.status_code, decoy.json()["fields"][0]["field"]) == (422, "website")
    fresh = (await web.get("/v1/public/forms/general")).json()["token"]
    wrong = await web.post("/v1/public/forms/general", json=body | {"token": fresh, "form_data": {"grade": 1}})
    assert "form_data.grade" in {fault["field"] for fault in wrong.json()["fields"]}
    assert len(intake.commands) == 2
