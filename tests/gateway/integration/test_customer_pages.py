"""What a customer sees by a link from a letter, and what everybody else sees."""

import json
import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from chassis.call import current_call
from chassis.errors import FieldError, Invalid, NotFound
from chassis.links import Link, sign_link
from chassis.messages import to_message
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.rpc import Server
from chassis.tokens import Calls, Signer, generate_key
from redress.intake.v1 import intake_pb2, intake_pb2_grpc
from redress.notify.v1 import notify_pb2, notify_pb2_grpc
from redress.workflow.v1 import workflow_pb2, workflow_pb2_grpc

CASE = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"
SURVEY = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a33"
NOW = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
PERSONAL = ("王芳", "wang@example.com", "13800000000", "仪表黑屏", "quality_department", "person-1")


class Workflow(workflow_pb2_grpc.WorkflowServiceServicer):
    def __init__(self) -> None:
        self.more: dict[str, Any] = {}
        self.actors: list[str] = []

    async def GetCase(self, request: Any, context: Any) -> Any:
        self.actors.append(current_call().actor)
        if request.case_id != CASE:
            raise NotFound("there is no such case")
        case = {
            "case_id": CASE,
            "number": "C26-0000042",
            "state": "open",
            "stage": "root_cause",
            "department": "quality_department",
            "assignee": "person-1",
            "since": NOW,
            "opened_at": NOW - timedelta(days=2),
            "due_current_at": NOW + timedelta(days=9),
            "response_due_at": NOW,
        }
        return to_message(workflow_pb2.Case, case | self.more)


class Intake(intake_pb2_grpc.IntakeServiceServicer):
    async def GetComplaint(self, request: Any, context: Any) -> Any:
        complaint = {
            "complaint_id": CASE,
            "customer_name": "王芳",
            "customer_email": "wang@example.com",
            "customer_phone": "13800000000",
            "description": "仪表黑屏",
            "t_received": NOW - timedelta(days=3),
        }
        return to_message(intake_pb2.Complaint, complaint)


class Notify(notify_pb2_grpc.NotifyServiceServicer):
    def __init__(self) -> None:
        self.survey = {"survey_id": SURVEY, "number": "C26-0000042", "closing": 1, "state": "sent"}
        self.answers: list[Any] = []

    async def GetSurvey(self, request: Any, context: Any) -> Any:
        return to_message(notify_pb2.Survey, self.survey)

    async def AnswerSurvey(self, request: Any, context: Any) -> Any:
        if not request.HasField("process_rating") and not request.HasField("result_rating"):
            raise Invalid("no", [FieldError("process_rating", "one is needed")])
        self.answers.append(request)
        self.survey |= {"state": "answered"}
        return to_message(notify_pb2.Survey, self.survey)


class Owners:
    def __init__(self) -> None:
        self.workflow, self.notify = Workflow(), Notify()
        self.signer = Signer("notify", json.dumps(generate_key()))

    def link(self, purpose: str, subject: str, language: str = "zh", days: float = 1) -> str:
        return sign_link(self.signer, Link(purpose, subject, language), timedelta(days=days))


class Customer:
    """A browser that opens links, without credentials."""

    def __init__(self, owners: Owners, client: httpx.AsyncClient) -> None:
        self.owners, self.client = owners, client

    async def open(self, purpose: str, subject: str, query: str = "", **more: Any) -> httpx.Response:
        return await self.client.get(f"/{purpose}/{self.owners.link(purpose, subject, **more)}{query}")


def published(signer: Signer, folder: Path) -> str:
    file = folder / "notify.json"
    file.write_text(json.dumps(signer.jwks()))
    return file.as_uri()


@pytest.fixture(scope="module")
async def wired(
    start_gateway: Any, signing_key: str, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Owners, httpx.AsyncClient]]:
    owners = Owners()
    jwks = published(owners.signer, tmp_path_factory.mktemp("keys"))

    async def fetch(_url: str) -> dict[str, Any]:
        return Signer("gateway", signing_key).jwks()

    server = Server(Calls(PublishedKeys({"gateway": "jwks"}, fetch)), Metrics("fake", "0"))
    workflow_pb2_grpc.add_WorkflowServiceServicer_to_server(owners.workflow, server.grpc)
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(Intake(), server.grpc)
    notify_pb2_grpc.add_NotifyServiceServicer_to_server(owners.notify, server.grpc)
    target = f"127.0.0.1:{await server.start('127.0.0.1:0')}"
    gateway = await start_gateway(
        trusted_issuers={"gateway": "jwks", "notify": jwks},
        workflow_target=target,
        intake_target=target,
        notify_target=target,
        organisation="Acme",
        refused_per_s=1000,
    )
    yield owners, gateway.client
    await server.stop(0)


@pytest.fixture
def customer(wired: tuple[Owners, httpx.AsyncClient]) -> Customer:
    owners, client = wired
    owners.workflow.more = {}
    owners.notify.answers.clear()
    owners.notify.survey |= {"state": "sent"}
    return Customer(owners, client)


async def test_a_status_page_says_where_the_complaint_stands_and_nothing_of_anybody(customer: Customer) -> None:
    page = await customer.open("status", CASE)
    assert page.status_code == 200
    for shown in ("C26-0000042", "正在查找原因", "2026年11月18日", "2026年11月30日", "Acme", 'lang="zh-CN"'):
        assert shown in page.text
    assert not [name for name in PERSONAL if name in page.text]
    assert customer.owners.workflow.actors[-1] == "service:gateway"


async def test_the_language_is_the_letters_until_the_reader_switches(customer: Customer) -> None:
    assert "Finding the cause" in (await customer.open("status", CASE, language="en")).text
    switched = await customer.open("status", CASE, "?lang=en")
    assert "Received on" in switched.text
    assert 'href="?lang=zh"' in switched.text


async def test_a_closed_case_shows_its_outcome_and_the_day_of_the_answer(customer: Customer) -> None:
    outcome = {"code": "resolved", "remedy": "repair", "reason": "secret reason", "by": "person-1"}
    closed = {"state": "closed", "stage": "knowledge", "outcome": outcome, "closed_at": NOW}
    customer.owners.workflow.more = closed | {"path": "fast", "visits": [{"stage": "intake", "outcome": "skipped"}]}
    page = await customer.open("status", CASE, language="en")
    for shown in ("Closed", "Resolved · repair", "21 Nov 2026"):
        assert shown in page.text
    assert "secret reason" not in page.text
    assert "Finding the cause" not in page.text


async def test_a_stage_of_a_companys_own_process_is_in_progress(customer: Customer) -> None:
    customer.owners.workflow.more = {"stage": "secret_lab", "state": "paused", "overdue": True}
    page = (await customer.open("status", CASE, language="en")).text
    assert "In progress" in page
    assert "We are waiting" in page
    assert "longer than we expected" in page
    assert "secret_lab" not in page


async def test_the_same_as_json(customer: Customer) -> None:
    reply = await customer.client.get(f"/v1/public/status/{customer.owners.link('status', CASE)}")
    body = reply.json()
    assert (reply.status_code, body["number"], body["stage"], body["ending"]) == (200, "C26-0000042", "cause", None)
    assert body["last_step"] == {"step": "cause", "at": "2026-11-20T20:00:00Z"}
    assert not [name for name in PERSONAL if name in reply.text]


async def test_pages_let_nothing_else_in_and_go_nowhere_else(customer: Customer) -> None:
    for page in (await customer.open("status", CASE), await customer.client.get("/status/rubbish")):
        policies = page.headers.get_list("content-security-policy")
        assert len(policies) == 1
        assert policies[0].startswith("default-src 'none'; style-src 'sha256-")
        assert page.headers["referrer-policy"] == "no-referrer"
        assert page.headers["cache-control"] == "no-store"
        assert "noindex" in page.headers["x-robots-tag"]
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert not re.search(r"<script|https?://|src=", page.text)


async def test_wrong_altered_and_expired_links_get_a_page_that_says_what_to_do(customer: Customer) -> None:
    good = customer.owners.link("status", CASE)
    stranger = customer.owners.link("status", "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a99")
    survey = customer.owners.link("survey", SURVEY)
    for wrong in ("x", good[:-3], good.replace(".", ".e", 1), stranger, survey, "a" * 3000):
        page = await customer.client.get(f"/status/{wrong}", headers={"Accept-Language": "en-GB"})
        assert page.status_code == 404
        assert "This link does not work" in page.text
    expired = customer.owners.link("status", CASE, days=-1)
    page = await customer.client.get(f"/status/{expired}?lang=zh")
    assert page.status_code == 410
    assert "此链接已过期" in page.text
    problem = await customer.client.get(f"/v1/public/status/{expired}")
    assert (problem.status_code, problem.json()["slug"]) == (410, "link_expired")
    assert expired not in problem.text


async def test_looking_at_a_survey_counts_nothing_and_sending_it_counts(customer: Customer) -> None:
    for query in ("", "?lang=en", "?process_rating=1&result_rating=1"):
        assert (await customer.open("survey", SURVEY, query)).status_code == 200
    assert customer.owners.notify.answers == []
    path = f"/survey/{customer.owners.link('survey', SURVEY)}"
    form = {"process_rating": "4", "result_rating": "2", "comment": "太慢\r\n但是友好"}
    sent = await customer.client.post(f"{path}?lang=en", data=form)
    assert (sent.status_code, sent.headers["location"]) == (303, "?lang=en")
    (answer,) = customer.owners.notify.answers
    assert (answer.process_rating, answer.result_rating, answer.comment) == (4, 2, "太慢\n但是友好")
    assert "Thank you" in (await customer.client.get(f"{path}?lang=en")).text


async def test_an_answer_without_a_rating_comes_back_with_what_was_written(customer: Customer) -> None:
    path = f"/survey/{customer.owners.link('survey', SURVEY, 'en')}"
    for form in ({"comment": "<b>slow & rude</b>"}, {"comment": "<b>slow & rude</b>", "process_rating": "很好"}):
        page = await customer.client.post(path, data=form)
        assert page.status_code == 422
        assert "Please answer at least one question" in page.text
        assert "&lt;b&gt;slow &amp; rude&lt;/b&gt;" in page.text
    assert customer.owners.notify.answers == []


async def test_a_survey_that_was_followed_by_another_says_so(customer: Customer) -> None:
    customer.owners.notify.survey |= {"state": "closed"}
    assert "此问卷已结束" in (await customer.open("survey", SURVEY)).text


async def test_what_is_no_form_is_refused_with_a_page(customer: Customer) -> None:
    path = f"/survey/{customer.owners.link('survey', SURVEY)}"
    form = "application/x-www-form-urlencoded"
    for status, kind, body in (
        (415, "application/json", b"{}"),
        (400, form, b"comment=%ff"),
        (400, form, b"&".join(b"a=1" for _ in range(30))),
        (413, form, b"comment=" + b"x" * 70_000),
    ):
        page = await customer.client.post(path, content=body, headers={"Content-Type": kind})
        assert (page.status_code, "text/html" in page.headers["content-type"]) == (status, True)
    assert customer.owners.notify.answers == []


async def test_a_flood_of_guesses_is_slowed_with_a_page(start_gateway: Any) -> None:
    gateway = await start_gateway(refused_per_s=2)
    pages = [await gateway.client.get("/status/guess") for _ in range(8)]
    slowed = next(page for page in pages if page.status_code == 429)
    assert "访问过于频繁" in slowed.text
    assert int(slowed.headers["retry-after"]) >= 1


async def test_a_link_stands_in_no_log(customer: Customer, capfd: pytest.CaptureFixture[str]) -> None:
    link = customer.owners.link("status", CASE)
    await customer.client.get(f"/status/{link}")
    await customer.client.get(f"/v1/public/status/{link}x")
    written = "".join(capfd.readouterr())
    assert link.rsplit(".", 1)[-1] not in written
