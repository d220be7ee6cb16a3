"""Who may do what, at the public door and behind it."""

import json
from collections.abc import Callable
from typing import Any

import grpc
import pytest

from chassis.ids import new_id
from chassis.tokens import Signer, generate_key
from redress.workflow.v1 import workflow_pb2 as pb
from redress.workflow.v1 import workflow_pb2_grpc
from stack.stack import Stack


def test_without_credentials_nothing_is_shown(nobody: Any, new_complaint: Any) -> None:
    for path in ("/v1/complaints", "/v1/cases", "/v1/kpis", "/v1/persons"):
        answer = nobody.http.get(path)
        assert (answer.status_code, answer.json()["slug"]) == (401, "unauthenticated")
    assert nobody.send("POST", "/v1/complaints", new_complaint()).status_code == 401


def test_a_role_too_low_is_refused_and_the_refusal_is_in_the_audit_trail(
    clerk: Any, admin: Any, eventually: Callable[..., Any]
) -> None:
    assert clerk.send("POST", "/v1/persons", {"account": "x"}).status_code == 403
    eventually(lambda: refusals(admin, clerk.person_id))


def refusals(admin: Any, person_id: str) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = admin.get(f"/v1/admin/gateway/audit/access:{person_id}")["items"]
    return [entry for entry in items if entry["reason"].startswith("403")]


def test_an_actor_in_the_body_or_in_headers_is_not_believed(clerk: Any, new_complaint: Any) -> None:
    refused = clerk.send("POST", "/v1/complaints", new_complaint(actor="admin"))
    assert refused.status_code == 422
    assert refused.json()["fields"][0]["field"] == "actor"


async def test_behind_the_door_metadata_proves_nothing_and_the_try_is_in_the_audit_trail(
    stack: Stack, admin: Any
) -> None:
    """Straight to workflow's port, past the gateway: without a token, with a forged one, with claims in metadata."""
    forged = Signer("gateway", json.dumps(generate_key())).sign(new_id(), roles=("admin",))
    async with grpc.aio.insecure_channel(stack.grpc_target("workflow")) as channel:
        stub = workflow_pb2_grpc.WorkflowServiceStub(channel)
        for metadata in ([], [("authorization", forged)], [("x-actor", "admin"), ("roles", "admin")]):
            with pytest.raises(grpc.aio.AioRpcError) as refused:
                await stub.ListCases(pb.ListCasesRequest(), metadata=metadata, timeout=5)
            assert refused.value.code() is grpc.StatusCode.UNAUTHENTICATED
    entries = admin.get("/v1/admin/workflow/audit/access:unauthenticated")["items"]
    assert entries[-1]["reason"] == "401 unauthenticated"
