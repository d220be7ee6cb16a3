"""The services' own ports, reached past the gateway: who proves nothing gets nothing, and nobody fills their memory."""

import asyncio
import base64
import json
import time
from collections.abc import Callable
from typing import Any

import grpc
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, OKPKey

from chassis.tokens import AUDIENCE, Signer, generate_key
from redress.admin.v1 import admin_pb2, admin_pb2_grpc
from redress.intake.v1 import intake_pb2, intake_pb2_grpc
from stack.services import ALL_SERVICES
from stack.stack import Stack
from tests.security.memory import watched
from tests.security.raw import connected, read_all

ADMIN_CLAIMS = {"iss": "gateway", "aud": AUDIENCE, "sub": "key:bootstrap", "roles": ["admin"]}


def gateway_key(stack: Stack) -> OKPKey:
    key = OKPKey.import_key(json.loads(stack.infra.secrets.get("signing_key.gateway")))
    key.ensure_kid()
    return key


def signed(key: OKPKey, **claims: Any) -> str:
    header = {"alg": "Ed25519", "kid": key.kid}
    times = {"iat": int(time.time()), "exp": int(time.time()) + 60}
    return jwt.encode(header, ADMIN_CLAIMS | times | claims, key, algorithms=["Ed25519"])


def part(content: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")


def no_token(key: OKPKey) -> str:
    return ""


def forged(key: OKPKey) -> str:
    return Signer("gateway", json.dumps(generate_key())).sign("key:bootstrap", roles=("admin",))


def expired(key: OKPKey) -> str:
    return signed(key, exp=int(time.time()) - 1)


def without_end(key: OKPKey) -> str:
    return signed(key, exp=None)


def for_the_public_door(key: OKPKey) -> str:
    return signed(key, aud="redress-public")


def unsigned(key: OKPKey) -> str:
    claims = ADMIN_CLAIMS | {"exp": int(time.time()) + 60}
    return f"{part({'alg': 'none'})}.{part(claims)}."


def altered(key: OKPKey) -> str:
    head, _, signature = signed(key, sub="person-1", roles=["engineer"]).split(".")
    return f"{head}.{part(ADMIN_CLAIMS | {'exp': int(time.time()) + 60})}.{signature}"


def symmetric(key: OKPKey) -> str:
    """The published key taken for a shared secret."""
    public = OctKey.import_key(json.dumps(key.as_dict(private=False)))
    header = {"alg": "HS256", "kid": key.kid}
    return jwt.encode(header, ADMIN_CLAIMS | {"exp": int(time.time()) + 60}, public, algorithms=["HS256"])


TOKENS = (no_token, forged, expired, without_end, for_the_public_door, unsigned, altered, symmetric)


async def list_ledger(stack: Stack, service: str, token: str) -> Any:
    async with grpc.aio.insecure_channel(stack.grpc_target(service)) as channel:
        stub: Any = admin_pb2_grpc.AdminServiceStub(channel)
        metadata = [("authorization", token)] if token else []
        return await stub.ListLedger(admin_pb2.ListLedgerRequest(ledger="outbox"), metadata=metadata, timeout=10)


async def code_of(call: Any) -> grpc.StatusCode:
    with pytest.raises(grpc.aio.AioRpcError) as refused:
        await call
    found: grpc.StatusCode = refused.value.code()
    return found


@pytest.mark.parametrize("make", TOKENS)
async def test_a_token_that_proves_nothing_is_refused_by_every_service(
    stack: Stack, make: Callable[[OKPKey], str]
) -> None:
    token = make(gateway_key(stack))
    for service in ALL_SERVICES:
        assert await code_of(list_ledger(stack, service, token)) is grpc.StatusCode.UNAUTHENTICATED, service


async def test_the_same_call_with_the_gateways_token_is_answered(stack: Stack) -> None:
    for service in ALL_SERVICES:
        assert await list_ledger(stack, service, signed(gateway_key(stack))) is not None


@pytest.mark.parametrize("service", ALL_SERVICES)
async def test_a_service_with_its_own_token_is_no_administrator_and_no_person(stack: Stack, service: str) -> None:
    signer = Signer(service, stack.infra.secrets.get(f"signing_key.{service}"))
    for other in ALL_SERVICES:
        assert await code_of(list_ledger(stack, other, signer.for_service())) is grpc.StatusCode.PERMISSION_DENIED
        if service != "gateway":
            pretended = signer.sign("key:bootstrap", roles=("admin",))
            assert await code_of(list_ledger(stack, other, pretended)) is grpc.StatusCode.UNAUTHENTICATED


async def test_a_service_cannot_register_in_the_name_of_its_role(stack: Stack) -> None:
    token = Signer("notify", stack.infra.secrets.get("signing_key.notify")).for_service()
    async with grpc.aio.insecure_channel(stack.grpc_target("intake")) as channel:
        stub: Any = intake_pb2_grpc.IntakeServiceStub(channel)
        request = intake_pb2.RegradeRequest(complaint_id="0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11", grade="routine")
        call = stub.Regrade(request, metadata=[("authorization", token)], timeout=10)
        assert await code_of(call) is grpc.StatusCode.PERMISSION_DENIED


def pid_of(stack: Stack, service: str) -> int:
    pid = stack.service(service).process.pid
    assert pid
    return pid


async def test_messages_and_metadata_beyond_the_limits_are_refused_and_memory_stays_flat(stack: Stack) -> None:
    options = [("grpc.max_send_message_length", -1), ("grpc.max_metadata_size", 2**24)]
    too_long = admin_pb2.ListLedgerRequest(ledger="a" * (20 * 1024 * 1024))
    async with (
        watched(pid_of(stack, "intake")) as memory,
        grpc.aio.insecure_channel(stack.grpc_target("intake"), options=options) as channel,
    ):
        stub: Any = admin_pb2_grpc.AdminServiceStub(channel)
        calls = [code_of(stub.ListLedger(too_long, timeout=20)) for _ in range(4)]
        assert set(await asyncio.gather(*calls)) == {grpc.StatusCode.RESOURCE_EXHAUSTED}
        much = [("authorization", "a" * 1_000_000)]
        refused = await code_of(stub.ListLedger(admin_pb2.ListLedgerRequest(), metadata=much, timeout=10))
        assert refused in (grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.UNAVAILABLE)
    assert memory.growth < 100, memory


async def test_what_is_no_http_2_is_shut_out(stack: Stack) -> None:
    url = f"http://{stack.grpc_target('workflow')}"
    for raw in (
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"\x00" * 1_000,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\xff" * 500,
    ):
        async with connected(url) as (reader, writer):
            writer.write(raw)
            assert b"200 OK" not in await read_all(reader, 5)
    assert await list_ledger(stack, "workflow", signed(gateway_key(stack))) is not None
