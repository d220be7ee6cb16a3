"""A real gateway on a real port and a real database; the owners behind it are fakes that check real tokens."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from chassis.call import current_call
from chassis.errors import Conflict, FieldError, Invalid, MissingDeliverable, NotFound, StaleVersion
from chassis.metrics import Metrics
from chassis.published_keys import PublishedKeys
from chassis.rpc import Server, refusal_of
from chassis.service import Service, open_app
from chassis.tokens import Calls, Signer, generate_key
from gateway.bootstrap import Public, open_public
from gateway.settings import Settings
from redress.capa.v1 import capa_pb2, capa_pb2_grpc
from redress.intake.v1 import channels_pb2, channels_pb2_grpc, intake_pb2, intake_pb2_grpc, search_pb2, search_pb2_grpc
from redress.workflow.v1 import workflow_pb2, workflow_pb2_grpc
from stack.testing import MigratedDatabases

ADMIN_KEY = "an operator's own admin key"
COMPLAINT = {"language": "zh", "customer_name": "王芳", "product_family": "A6", "description": "仪表黑屏"}
CASE = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a11"
OTHER = "0192f1c5-7b1e-7c3a-9a5b-3f0d5f1f2a12"


@dataclass
class Seen:
    """What reached the fake owners."""

    actors: list[str] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    requests: list[Any] = field(default_factory=list)
    batches: list[int] = field(default_factory=list)
    imported_bytes: int = 0
    mails: list[bytes] = field(default_factory=list)
    registered_by: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event = field(default_factory=asyncio.Event)

    def note(self, request: Any) -> None:
        call = current_call()
        self.actors.append(call.actor)
        self.keys.append(call.idempotency_key)
        self.requests.append(request)


class FakeIntake(intake_pb2_grpc.IntakeServiceServicer):
    def __init__(self, seen: Seen, calls: Calls) -> None:
        self.seen, self.calls = seen, calls

    async def RegisterBatch(self, request: Any, context: Any) -> Any:
        self.seen.batches.append(len(request.items))
        await self.seen.hold.wait()
        return intake_pb2.RegisterBatchReply(results=[await self._register(item) for item in request.items])

    async def _register(self, item: Any) -> Any:
        call = await self.calls.verify(item.token)
        self.seen.actors.append(call.actor)
        self.seen.keys.append(item.idempotency_key or None)
        self.seen.requests.append(item.command)
        if item.command.description == "refuse me":
            problem = Invalid("no", [FieldError("description", "refused by the owner")])
            return intake_pb2.RegisterResult(refusal=refusal_of(problem))
        self.seen.registered_by[CASE] = call.actor
        existing = item.command.external_id == "known"
        registered = intake_pb2.Registered(complaint_id=CASE, number="C26-0000001", version=1, existing=existing)
        return intake_pb2.RegisterResult(registered=registered)

    async def GetComplaint(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        if request.complaint_id not in (CASE, "C26-0000001"):
            raise NotFound("there is no such complaint")
        by = self.seen.registered_by.get(CASE, "someone")
        proposals = [intake_pb2.Proposal(proposal_id="p")]
        return intake_pb2.Complaint(complaint_id=CASE, version=3, registered_by=by, proposals=proposals)

    async def UpdateComplaint(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        if request.if_version != 3:
            raise StaleVersion("the complaint is at version 3")
        return intake_pb2.Complaint(complaint_id=CASE, version=4)

    async def ImportFile(self, requests: Any, context: Any) -> Any:
        header = None
        async for request in requests:
            if request.WhichOneof("part") == "header":
                header = request.header
                self.seen.note(request)
                if "refuse" in header.mapping:
                    raise Invalid("the mapping is not ours", [FieldError("mapping", "refused")])
            else:
                self.seen.imported_bytes += len(request.chunk)
        return intake_pb2.ImportReport(import_id=CASE, file_name=header.file_name, rows=2, registered=1, rejected=1)

    async def ReceiveMail(self, requests: Any, context: Any) -> Any:
        raw = b""
        async for request in requests:
            if request.WhichOneof("part") == "header":
                self.seen.note(request)
            raw += request.chunk
            if request.end == len(raw) > 0:
                self.seen.mails.append(raw)
        existing = self.seen.mails.count(raw) > 1
        return intake_pb2.SubmissionReceipt(submission_id=CASE, state="parked", reason="bounce", existing=existing)

    async def ReadSubmission(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        raw = self.seen.mails[-1]
        return intake_pb2.SubmissionPiece(piece=raw[request.offset :][:1024], size=len(raw))

    async def PromoteSubmission(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        return intake_pb2.Submission(submission_id=CASE, version=2, state="registered")


class FakeSearch(search_pb2_grpc.SearchServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def SearchComplaints(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        found = [intake_pb2.Complaint(complaint_id=CASE)]
        return search_pb2.SearchComplaintsReply(complaints=found, next_cursor="more")


class FakeChannels(channels_pb2_grpc.ChannelServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def DeliverHook(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        status = {"unsigned": 401, "nobody": 404}.get(request.channel_id, 200)
        return channels_pb2.DeliverHookReply(status=status, content_type="text/xml; charset=utf-8", body=b"<Response/>")


class FakeWorkflow(workflow_pb2_grpc.WorkflowServiceServicer):
    def __init__(self, seen: Seen, calls: Calls) -> None:
        self.seen, self.calls = seen, calls

    async def CompleteTasks(self, request: Any, context: Any) -> Any:
        results = []
        for item in request.items:
            self.seen.actors.append((await self.calls.verify(item.token)).actor)
            self.seen.requests.append(item)
            results.append(workflow_pb2.CompleteTaskResult(task=workflow_pb2.Task(task_id=item.task_id, version=2)))
        return workflow_pb2.CompleteTasksReply(results=results)

    async def ListTasks(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        return workflow_pb2.ListTasksReply()

    async def AdvanceStage(self, request: Any, context: Any) -> Any:
        raise MissingDeliverable("the gate is closed", possible=["reproduction"])

    async def ListMembers(self, request: Any, context: Any) -> Any:
        await asyncio.sleep(5)
        return workflow_pb2.ListMembersReply()


class FakeCapa(capa_pb2_grpc.CapaServiceServicer):
    def __init__(self, seen: Seen) -> None:
        self.seen = seen

    async def ApprovePlan(self, request: Any, context: Any) -> Any:
        raise Conflict("author_approves_own_plan", "somebody else must approve", audited=True)

    async def LinkRca(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        return capa_pb2.Rca(rca_id=request.id, case_ids=request.case_ids, version=2)

    async def LinkCapa(self, request: Any, context: Any) -> Any:
        self.seen.note(request)
        return capa_pb2.Capa(capa_id=request.id, case_ids=request.case_ids, version=2)


@dataclass
class Gateway:
    app: Any
    public: Public
    seen: Seen
    client: httpx.AsyncClient

    async def send(self, verb: str, path: str, *, key: str = ADMIN_KEY, **more: Any) -> httpx.Response:
        headers = {"X-API-Key": key, **more.pop("headers", {})}
        return await self.client.request(verb, path, headers=headers, **more)

    async def key_with(self, *roles: str, **more: Any) -> str:
        reply = await self.send("POST", "/v1/api-keys", json={"name": "test", "roles": list(roles), **more})
        assert reply.status_code == 201, reply.text
        return str(reply.json()["key"])

    async def audited(self) -> list[tuple[str, str, str]]:
        """(actor, action, reason) of the access trail, once everything noted is written."""
        await self.public.door.audit.flush()
        async with self.app.db.read() as tx:
            rows = await tx.fetch(
                "SELECT actor, action, reason FROM audit WHERE aggregate_type = 'access' ORDER BY seq"
            )
        return [tuple(row) for row in rows]


@pytest.fixture(scope="session")
def signing_key() -> str:
    return json.dumps(generate_key())


@asynccontextmanager
async def owners(seen: Seen, signing_key: str) -> AsyncIterator[int]:
    async def fetch(_url: str) -> dict[str, Any]:
        return Signer("gateway", signing_key).jwks()

    calls = Calls(PublishedKeys({"gateway": "jwks"}, fetch))
    server = Server(calls, Metrics("fake", "0"))
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(FakeIntake(seen, calls), server.grpc)
    search_pb2_grpc.add_SearchServiceServicer_to_server(FakeSearch(seen), server.grpc)
    channels_pb2_grpc.add_ChannelServiceServicer_to_server(FakeChannels(seen), server.grpc)
    workflow_pb2_grpc.add_WorkflowServiceServicer_to_server(FakeWorkflow(seen, calls), server.grpc)
    capa_pb2_grpc.add_CapaServiceServicer_to_server(FakeCapa(seen), server.grpc)
    port = await server.start("127.0.0.1:0")
    try:
        yield port
    finally:
        await server.stop(0)


StartGateway = Callable[..., Any]


@pytest.fixture(scope="session")
async def start_gateway(migrated: MigratedDatabases, signing_key: str) -> AsyncIterator[StartGateway]:
    """`await start_gateway(rate_per_s=5)`: a further gateway with these settings, on the one database."""
    async with AsyncExitStack() as stack:
        gateway_dsn = stack.enter_context(migrated.fresh("gateway")).runtime

        async def start(**settings: Any) -> Gateway:
            seen = Seen()
            seen.hold.set()
            port = await stack.enter_async_context(owners(seen, signing_key))
            chosen = settings_of(signing_key, port, {"dsn": gateway_dsn} | settings)
            app, public = await stack.enter_async_context(served(chosen))
            url = f"http://127.0.0.1:{public.server.port}"
            client = await stack.enter_async_context(httpx.AsyncClient(base_url=url, timeout=20))
            return Gateway(app, public, seen, client)

        yield start


@pytest.fixture(scope="session")
async def usual_gateway(start_gateway: StartGateway) -> Gateway:
    started: Gateway = await start_gateway()
    return started


@pytest.fixture
def gateway(usual_gateway: Gateway) -> Gateway:
    """One with the usual settings, whose owners have seen nothing yet."""
    usual_gateway.seen.__init__()  # type: ignore[misc]
    usual_gateway.seen.hold.set()
    return usual_gateway


def settings_of(signing_key: str, port: int, more: dict[str, Any]) -> Settings:
    target = f"127.0.0.1:{port}"
    values = {f"{name}_target": target for name in ("intake", "workflow", "capa", "notify", "analytics")} | {
        "nats_url": "nats://127.0.0.1:1",
        "signing_key": signing_key,
        "trusted_issuers": {"gateway": "jwks"},
        "public_bind": "127.0.0.1:0",
        "key_pepper": "a pepper of some length",
        "bootstrap_admin_key": ADMIN_KEY,
        "drain_seconds": 2,
    }
    return Settings(**(values | more))


@asynccontextmanager
async def served(settings: Settings) -> AsyncIterator[tuple[Any, Public]]:
    opened: list[Public] = []

    async def bootstrap(app: Any) -> None:
        opened.append(open_public(app))

    async with AsyncExitStack() as stack:
        app = await open_app(Service("gateway", Settings, bootstrap), settings, stack)
        for starter in app.starters:
            await starter()
        try:
            yield app, opened[0]
        finally:
            for drainer in app.drainers:
                await drainer()
