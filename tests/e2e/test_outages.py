"""What the issue's table of faults promises, on the whole installation."""

import asyncio
from collections.abc import Callable
from typing import Any

import httpx
import nats

from chassis.ids import new_id
from stack.stack import Stack


def ready(stack: Stack, service: str) -> tuple[int, dict[str, Any]]:
    answer = httpx.get(f"{stack.ops_url(service)}/readyz", timeout=10)
    return answer.status_code, answer.json()


def test_without_nats_complaints_are_accepted_and_events_follow(
    stack: Stack, clerk: Any, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    stack.nats.stop()
    try:
        accepted = clerk.do("POST", "/v1/complaints", new_complaint())
        eventually(lambda: "down" in ready(stack, "intake")[1]["checks"]["nats"])
        assert ready(stack, "intake")[0] == 200
    finally:
        stack.nats.start(20)
    eventually(lambda: clerk.http.get(f"/v1/cases/{accepted['complaint_id']}").status_code == 200, 30)


def test_without_postgresql_the_answer_is_503_and_it_recovers_without_a_restart(
    stack: Stack, clerk: Any, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    before = {p.name: p.pid for p in stack.status()}
    body, key = new_complaint(), new_id()
    stack.postgres.stop()
    try:
        refused = clerk.send("POST", "/v1/complaints", body, key=key)
        assert refused.status_code == 503
        assert refused.headers["content-type"].startswith("application/problem+json")
        assert int(refused.headers["retry-after"]) > 0
        eventually(lambda: ready(stack, "intake")[0] == 503)
        assert "down" in ready(stack, "intake")[1]["checks"]["database"]
    finally:
        stack.postgres.start(30)
    accepted = eventually(lambda: _accepted(clerk, body, key), 30)
    eventually(lambda: clerk.http.get(f"/v1/cases/{accepted['complaint_id']}").status_code == 200, 30)
    eventually(lambda: all(ready(stack, s)[0] == 200 for s in ("intake", "workflow", "capa", "notify", "analytics")))
    after = {p.name: p.pid for p in stack.status()}
    assert {n: p for n, p in before.items() if n != "postgres"} == {n: p for n, p in after.items() if n != "postgres"}


def _accepted(clerk: Any, body: dict[str, Any], key: str) -> Any:
    answer = clerk.send("POST", "/v1/complaints", body, key=key)
    return answer.json() if answer.status_code in (200, 201) else None


def test_a_poison_event_is_parked_counted_and_replayable_while_others_go_on(
    stack: Stack, admin: Any, clerk: Any, new_complaint: Any, eventually: Callable[..., Any]
) -> None:
    async def publish() -> None:
        client = await nats.connect(stack.nats.url)
        await client.jetstream().publish("redress.capa.rca.completed.v1", b'{"specversion":"1.0","id":"x"}')
        await client.close()

    asyncio.run(publish())
    parked = eventually(lambda: admin.get("/v1/admin/workflow/dead-letters")["items"])
    assert parked[0]["error"].startswith("unreadable")
    metrics = httpx.get(f"{stack.ops_url('workflow')}/metrics").text
    assert "redress_dead_letters 1.0" in metrics
    again = admin.do("POST", f"/v1/admin/workflow/dead-letters/{parked[0]['id']}/replay")
    assert again["deliveries"] > parked[0]["deliveries"]
    letter = f"/v1/admin/workflow/dead-letters/{parked[0]['id']}"
    assert admin.send("POST", f"{letter}/discard", {"reason": ""}).status_code == 422
    assert admin.do("POST", f"{letter}/discard", {"reason": "published by this test"})["discarded_at"]
    assert admin.get("/v1/admin/workflow/dead-letters")["items"] == []
    assert admin.send("POST", f"{letter}/replay").status_code == 409
    accepted = clerk.do("POST", "/v1/complaints", new_complaint())
    eventually(lambda: clerk.http.get(f"/v1/cases/{accepted['complaint_id']}").status_code == 200)
