"""Every row of "bad input and faults" that is the gateway's, against a real port."""

import asyncio
from typing import Any

import pytest

COMPLAINT = {"language": "zh", "customer_name": "王芳", "product_family": "A6", "description": "仪表黑屏"}
CASE = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"
OTHER = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a12"


def problem_of(reply: Any, status: int, slug: str) -> dict[str, Any]:
    assert reply.status_code == status, reply.text
    assert reply.headers["content-type"] == "application/problem+json"
    problem: dict[str, Any] = reply.json()
    assert (problem["status"], problem["slug"]) == (status, slug)
    assert len(problem["trace_id"]) == 32
    return problem


def fields_of(problem: dict[str, Any]) -> list[str]:
    return [each["field"] for each in problem["fields"]]


async def test_a_complaint_goes_through_and_says_where_it_is(gateway: Any) -> None:
    reply = await gateway.send("POST", "/v1/complaints", json=COMPLAINT, headers={"Idempotency-Key": "k1"})
    assert reply.status_code == 201
    assert reply.headers["location"] == f"/v1/complaints/{CASE}"
    assert reply.headers["etag"] == '"1"'
    assert reply.json()["number"] == "C26-0000001"
    assert gateway.seen.keys == ["k1"]
    assert gateway.seen.actors == ["key:bootstrap"]


async def test_a_known_complaint_is_answered_with_200(gateway: Any) -> None:
    reply = await gateway.send("POST", "/v1/complaints", json=COMPLAINT | {"external_id": "known"})
    assert (reply.status_code, reply.json()["existing"]) == (200, True)


@pytest.mark.parametrize("path", ["/v1/complaints", "/v1/rcas", f"/v1/tasks/{CASE}/complete", "/v1/persons"])
@pytest.mark.parametrize(
    ("body", "status", "slug"),
    [
        (b'{"', 400, "malformed_json"),
        (b"{\xff}", 400, "malformed_json"),
        (b"[" * 10_000 + b"]" * 10_000, 400, "nested_too_deeply"),
        (b'{"actor": "admin"}', 422, "unknown_field"),
        (b"[]", 422, "invalid"),
    ],
)
async def test_a_body_that_cannot_be_read_is_refused(
    gateway: Any, path: str, body: bytes, status: int, slug: str
) -> None:
    headers = {"Content-Type": "application/json"}
    reply = await gateway.send("POST", path, content=body, headers=headers)
    if body.startswith(b"[[") and path in ("/v1/complaints", f"/v1/tasks/{CASE}/complete"):
        status, slug = 422, "invalid"  # The typed decoder stops at the first bracket.
    problem = problem_of(reply, status, slug)
    if slug == "unknown_field":
        assert "actor" in fields_of(problem)
    assert gateway.seen.requests == []


async def test_a_wrong_field_is_named_and_its_value_is_not_repeated(gateway: Any) -> None:
    reply = await gateway.send("POST", "/v1/rcas", json={"title": 7, "case_ids": ["not an id at all"]})
    problem = problem_of(reply, 422, "invalid")
    assert {"title", "problem"} <= set(fields_of(problem))
    assert "not an id" not in reply.text
    reply = await gateway.send("POST", "/v1/rcas", json={"title": "t", "problem": "p", "case_ids": ["x"]})
    assert fields_of(problem_of(reply, 422, "invalid")) == ["case_ids"]


async def test_an_unknown_query_parameter_is_named(gateway: Any) -> None:
    reply = await gateway.send("GET", "/v1/complaints?gradee=urgent")
    assert fields_of(problem_of(reply, 422, "unknown_field")) == ["gradee"]


@pytest.mark.parametrize("kind", ["text/plain", "application/xml", "application/json; charset=gbk", ""])
async def test_a_wrong_content_type_is_refused(gateway: Any, kind: str) -> None:
    reply = await gateway.send("POST", "/v1/complaints", content=b"{}", headers={"Content-Type": kind})
    problem_of(reply, 415, "unsupported_media_type")


async def test_a_body_that_is_too_large_is_refused_however_it_comes(gateway: Any) -> None:
    async def pieces() -> Any:
        for _ in range(40):
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    for content in (b" " * 2_000_000, pieces()):
        reply = await gateway.send("POST", "/v1/complaints", content=content, headers=headers)
        problem_of(reply, 413, "body_too_large")
    assert gateway.seen.requests == []


async def test_headers_beyond_the_limits_are_refused(gateway: Any) -> None:
    reply = await gateway.send("GET", "/v1/me", headers={f"X-H{n}": "1" for n in range(150)})
    assert (reply.status_code, reply.json()["slug"]) == (431, "headers_too_large")
    reply = await gateway.send("GET", "/v1/me", headers={"X-Long": "x" * 40_000})
    assert (reply.status_code, reply.json()["slug"]) == (431, "headers_too_large")
    reply = await gateway.send("GET", "/v1/me")
    assert reply.status_code == 200


async def test_what_is_no_http_is_refused(gateway: Any) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", gateway.public.server.port)
    writer.write(b"\x16\x03\x01 this is not http\r\n\r\n")
    answer = await asyncio.wait_for(reader.read(), 5)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"malformed_http" in answer
    writer.close()


async def test_what_the_owner_refuses_comes_back_with_its_facts(gateway: Any) -> None:
    reply = await gateway.send("POST", "/v1/complaints", json=COMPLAINT | {"description": "refuse me"})
    assert fields_of(problem_of(reply, 422, "invalid")) == ["description"]
    reply = await gateway.send("POST", f"/v1/cases/{CASE}/advance", headers={"If-Match": '"1"'})
    assert problem_of(reply, 409, "missing_deliverable")["possible"] == ["reproduction"]
    for body in ({"json": {}}, {}):
        reply = await gateway.send("POST", f"/v1/capas/{CASE}/approve", headers={"If-Match": '"1"'}, **body)
        problem_of(reply, 409, "author_approves_own_plan")


async def test_one_refused_item_does_not_touch_its_neighbours_in_the_batch(gateway: Any) -> None:
    gateway.seen.hold.clear()
    bodies = [COMPLAINT] + [COMPLAINT | {"description": text} for text in ("fine", "refuse me", "fine too")] * 5
    calls = [asyncio.create_task(gateway.send("POST", "/v1/complaints", json=body)) for body in bodies]
    while len(gateway.seen.batches) < 2:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.2)
    gateway.seen.hold.set()
    statuses = [reply.status_code for reply in await asyncio.gather(*calls)]
    assert statuses == [201] + [201, 422, 201] * 5
    assert max(gateway.seen.batches) > 5


async def test_a_change_needs_the_version_it_saw(gateway: Any) -> None:
    path, body = f"/v1/complaints/{CASE}", {"lot": "L1"}
    problem_of(await gateway.send("PATCH", path, json=body), 428, "precondition_required")
    problem_of(await gateway.send("PATCH", path, json=body, headers={"If-Match": '"2"'}), 412, "stale_version")
    reply = await gateway.send("PATCH", path, json=body, headers={"If-Match": '"3"'})
    assert (reply.status_code, reply.headers["etag"]) == (200, '"4"')


async def test_a_reader_that_holds_the_version_gets_no_body(gateway: Any) -> None:
    path = "/v1/complaints/C26-0000001"
    etag = (await gateway.send("GET", path)).headers["etag"]
    reply = await gateway.send("GET", path, headers={"If-None-Match": etag})
    assert (reply.status_code, reply.content) == (304, b"")


async def test_a_list_comes_in_pages(gateway: Any) -> None:
    reply = await gateway.send("GET", "/v1/complaints?grade=urgent&limit=2&cursor=abc&has_questions=true")
    assert (len(reply.json()["items"]), reply.json()["next_cursor"]) == (1, "more")
    (asked,) = gateway.seen.requests
    assert (asked.filter.grade, asked.filter.has_questions) == ("urgent", True)
    assert (asked.page.limit, asked.page.cursor) == (2, "abc")


async def test_my_tasks_are_the_callers(gateway: Any) -> None:
    reply = await gateway.send("GET", "/v1/tasks?assignee=me")
    assert reply.json() == {"items": [], "next_cursor": None}
    assert gateway.seen.requests[0].assignee == "key:bootstrap"


async def test_a_task_is_completed_with_its_deliverables(gateway: Any) -> None:
    body = {"result": "done", "deliverables": {"reproduction": "reproduced", "callback": {"reached": True}}}
    reply = await gateway.send("POST", f"/v1/tasks/{CASE}/complete", json=body)
    assert (reply.status_code, reply.headers["etag"]) == (200, '"2"')
    item = gateway.seen.requests[0]
    assert (item.task_id, item.result, item.if_version) == (CASE, "done", 0)
    assert item.deliverables == '{"reproduction":"reproduced","callback":{"reached":true}}'


async def test_a_case_is_linked_to_an_analysis_and_a_capa_in_one_call(gateway: Any) -> None:
    body = {"rca_id": OTHER, "capa_id": OTHER}
    headers = {"Idempotency-Key": "k"}
    reply = await gateway.send("POST", f"/v1/cases/{CASE}/links", json=body, headers=headers)
    assert (reply.json()["rca"]["rca_id"], reply.json()["capa"]["case_ids"]) == (OTHER, [CASE])
    assert gateway.seen.keys == ["k:LinkRca", "k:LinkCapa"]
    problem_of(await gateway.send("POST", f"/v1/cases/{CASE}/links", json={}), 422, "invalid")


@pytest.mark.parametrize("path", ["/v1/cases/abc", "/v1/rcas/1", "/v1/nothing", f"/v1/complaints/{OTHER}"])
async def test_what_does_not_exist_is_404(gateway: Any, path: str) -> None:
    problem_of(await gateway.send("GET", path), 404, "not_found")


async def test_a_wrong_method_is_405(gateway: Any) -> None:
    reply = await gateway.send("DELETE", "/v1/complaints")
    problem_of(reply, 405, "method_not_allowed")


async def test_an_owner_that_does_not_answer_is_503_and_says_when_to_come_again(start_gateway: Any) -> None:
    gateway = await start_gateway(capa_target="127.0.0.1:1", intake_target="127.0.0.1:1", read_timeout_s=0.3)
    for verb, path, more in (
        ("GET", "/v1/rcas", {}),
        ("GET", "/v1/members", {}),  # Answers too late.
        ("POST", "/v1/complaints", {"json": COMPLAINT}),
    ):
        reply = await gateway.send(verb, path, **more)
        problem_of(reply, 503, "unavailable")
        assert int(reply.headers["retry-after"]) >= 1


async def test_requests_are_named_and_traces_go_on(gateway: Any) -> None:
    trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
    headers = {"X-Request-Id": "order-1", "traceparent": trace}
    reply = await gateway.send("GET", f"/v1/complaints/{OTHER}", headers=headers)
    assert reply.headers["x-request-id"] == "order-1"
    assert reply.json()["trace_id"] == trace.split("-")[1]
    reply = await gateway.send("GET", "/v1/me", headers={"X-Request-Id": "a b", "traceparent": "nonsense"})
    assert len(reply.headers["x-request-id"]) == 36


async def test_every_answer_carries_security_headers_and_no_banner(gateway: Any) -> None:
    for reply in (await gateway.send("GET", "/v1/me"), await gateway.client.get("/v1/none")):
        assert reply.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in reply.headers["content-security-policy"]
        assert "server" not in reply.headers


async def test_the_document_is_public_and_other_pages_do_not_exist(gateway: Any) -> None:
    assert (await gateway.client.get("/openapi.json")).json()["openapi"] == "3.1.0"
    assert (await gateway.client.get("/docs")).status_code == 404


async def test_without_a_database_every_call_is_told_to_come_again(start_gateway: Any) -> None:
    gateway = await start_gateway(dsn="postgresql://nobody@127.0.0.1:1/nothing")
    reply = await gateway.send("POST", "/v1/complaints", json=COMPLAINT)
    problem_of(reply, 503, "unavailable")
    assert int(reply.headers["retry-after"]) >= 1
    assert gateway.seen.requests == []


async def test_other_origins_are_let_in_only_when_they_are_named(gateway: Any, start_gateway: Any) -> None:
    headers = {"Origin": "https://console.example", "Access-Control-Request-Method": "GET"}
    assert "access-control-allow-origin" not in (await gateway.client.options("/v1/me", headers=headers)).headers
    opened = await start_gateway(cors_origins=["https://console.example"])
    reply = await opened.client.options("/v1/me", headers=headers)
    assert reply.headers["access-control-allow-origin"] == "https://console.example"
