"""Over real gRPC: who calls is proven by tokens, refusals come back as they were raised."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chassis.asking import channel, invoke
from chassis.commands import Commands
from chassis.errors import RedressError
from chassis.messages import to_timestamp
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.rpc import Server
from chassis.tokens import Calls, Signer, generate_key
from intake.entrypoints.admin import complaints_ledger
from intake.entrypoints.rpc import IntakeServicer
from intake.metrics import IntakeMetrics
from redress.intake.v1 import intake_pb2 as pb
from redress.intake.v1.intake_pb2_grpc import IntakeServiceStub, add_IntakeServiceServicer_to_server

ANSWERED = dict.fromkeys(("injury_or_fire", "legal", "several_affected", "core_business_stopped"), "no")


class Door:
    def __init__(self, stub: IntakeServiceStub, gateway: Signer) -> None:
        self.stub = stub
        self.gateway = gateway

    def token(self, *roles: str, actor: str = "person-1") -> str:
        return self.gateway.sign(actor, roles=roles)

    async def register(self, *items: pb.RegisterItem) -> list[pb.RegisterResult]:
        request = pb.RegisterBatchRequest(items=items)
        reply = await invoke(self.stub.RegisterBatch, request, token=self.gateway.for_service())
        return list(reply.results)


@pytest.fixture
async def door(intake: Any) -> AsyncIterator[Door]:
    gateway = Signer("gateway", json.dumps(generate_key()))

    async def keys(_url: str) -> dict[str, Any]:
        return gateway.jwks()

    calls, metrics = Calls(PublishedKeys({"gateway": "http://keys"}, keys)), Metrics("intake", "0")
    server = Server(calls, metrics)
    servicer = IntakeServicer(
        Commands(intake.db),
        calls,
        intake.register,
        intake.import_file,
        intake.receive_mail,
        intake.update,
        intake.promote,
        IntakeMetrics(metrics.registry),
    )
    add_IntakeServiceServicer_to_server(servicer, server.grpc)
    port = await server.start("127.0.0.1:0")
    async with channel(f"127.0.0.1:{port}") as opened:
        yield Door(IntakeServiceStub(opened), gateway)
    await server.stop(0)


def item(token: str, key: str = "", **changes: Any) -> pb.RegisterItem:
    usual = {
        "channel": "api",
        "language": "en",
        "customer_name": "Ann",
        "product_family": "P7",
        "description": "leaks at the seal",
    }
    command = pb.RegisterCommand(**(usual | ANSWERED | changes))
    return pb.RegisterItem(command=command, token=token, idempotency_key=key or None)


async def test_each_item_stands_on_its_own_token(door: Door, intake: Any) -> None:
    forged = Signer("gateway", json.dumps(generate_key())).sign("person-1", roles=("admin",))
    results = await door.register(
        item(door.token("customer_service"), "k1"),
        item(forged),
        item("no token"),
        item(door.token("partner")),
        item(door.token("customer_service"), "k1"),
        item(door.token("customer_service"), "k1", description="something else"),
        item(door.token("customer_service"), description=""),
    )
    told = [(r.refusal.status, r.refusal.slug) if r.HasField("refusal") else r.registered.number for r in results]
    assert told[1:4] == [(401, "unauthenticated"), (401, "unauthenticated"), (403, "forbidden")]
    assert told[0] == told[4]
    assert told[5:] == [(422, "idempotency_mismatch"), (422, "invalid")]
    assert results[6].refusal.fields[0].field == "description"
    assert await intake.count("complaints") == 1


async def test_a_time_no_calendar_knows_is_refused_alone(door: Door) -> None:
    odd = item(door.token("customer_service"))
    odd.command.t_occurred.seconds = 10**15
    results = await door.register(odd, item(door.token("customer_service")))
    assert results[0].refusal.fields[0].field == "t_occurred"
    assert results[1].registered.number


async def test_only_a_service_brings_batches(door: Door) -> None:
    with pytest.raises(RedressError) as refused:
        await invoke(door.stub.RegisterBatch, pb.RegisterBatchRequest(), token=door.token("customer_service"))
    assert refused.value.status == 403


async def test_a_batch_beyond_the_limit_is_refused_whole(door: Door, intake: Any) -> None:
    token = door.token("customer_service")
    with pytest.raises(RedressError) as refused:
        await door.register(*(item(token) for _ in range(201)))
    assert refused.value.fields[0].field == "items"
    assert await intake.count("complaints") == 0


async def test_a_change_over_rpc_is_idempotent_by_its_key(door: Door) -> None:
    (result,) = await door.register(item(door.token("customer_service")))
    request = pb.RegradeRequest(
        complaint_id=result.registered.complaint_id,
        if_version=1,
        grade="urgent",
        reason_code="new_information",
        reason="smoke was seen",
    )
    token = door.token("quality")
    first = await invoke(door.stub.Regrade, request, token=token, idempotency_key="r1")
    again = await invoke(door.stub.Regrade, request, token=token, idempotency_key="r1")
    assert first == again
    with pytest.raises(RedressError) as refused:
        await invoke(door.stub.Regrade, request, token=token)
    assert (refused.value.status, refused.value.slug) == (412, "stale_version")


async def test_a_file_is_streamed_in(door: Door) -> None:
    mapping = {"columns": {"description": {"column": "what"}, "product_family": {"column": "car"}}}

    async def parts() -> AsyncIterator[pb.ImportFileRequest]:
        yield pb.ImportFileRequest(header=pb.ImportHeader(file_name="f.csv", mapping=json.dumps(mapping)))
        for chunk in (b"car,wh", b"at\nP7,le", b"aks\nP8\n"):
            yield pb.ImportFileRequest(chunk=chunk)
        yield pb.ImportFileRequest(end=21)

    metadata = [("authorization", door.token("quality"))]
    report = await door.stub.ImportFile(parts(), metadata=metadata)  # type: ignore[misc]
    assert (report.state, report.registered, report.rejected) == ("done", 1, 1)
    rows = await invoke(
        door.stub.ListImportRows, pb.ListImportRowsRequest(import_id=report.import_id), token=door.token("quality")
    )
    assert [(row.line, row.column) for row in rows.rows] == [(3, "what")]


async def test_the_ledger_pages_through_all_complaints(door: Door, intake: Any) -> None:
    token = door.token("customer_service")
    results = await door.register(*(item(token, description=f"complaint {n}") for n in range(5)))
    seen: list[str] = []
    after: tuple[object, ...] | None = None
    async with intake.db.read() as tx:
        while rows := await complaints_ledger(tx, after, 2):
            seen += [row.id for row in rows]
            after = rows[-1].after
    assert sorted(seen) == sorted(result.registered.complaint_id for result in results)


async def test_a_complaint_is_read_back_with_the_time_it_was_given(door: Door) -> None:
    occurred = datetime.now(UTC).replace(microsecond=0) - timedelta(days=2)
    (result,) = await door.register(item(door.token("customer_service"), t_occurred=to_timestamp(occurred)))
    found = await invoke(
        door.stub.GetComplaint,
        pb.GetComplaintRequest(complaint_id=result.registered.number),
        token=door.token("engineer"),
    )
    assert found.t_occurred.ToDatetime(tzinfo=UTC) == occurred
