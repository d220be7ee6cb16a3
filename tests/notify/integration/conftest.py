"""A mail server, intake and the gateway, in this process and on real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any
from zoneinfo import ZoneInfo

import grpc
import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from chassis import asking
from chassis.db import Database
from chassis.definition_store import Published
from chassis.tokens import Signer, generate_key
from notify.adapters.contacts import Colleagues, Customers
from notify.adapters.mail import MailFrom
from notify.adapters.smtp import Access, MailServer
from notify.app.customer_links import CustomerLinks
from notify.app.letter_templates import NAME, letter_templates
from notify.app.mailroom import Mailroom
from notify.app.send import Post
from notify.domain.delivery import RetryPolicy
from notify.domain.letter import Letterhead
from redress.gateway.v1 import identity_pb2 as gateway
from redress.gateway.v1 import identity_pb2_grpc
from redress.intake.v1 import intake_pb2 as intake
from redress.intake.v1 import intake_pb2_grpc

SIGNER = Signer("notify", json.dumps(generate_key()))
SENDER = MailFrom.of("Redress <no-reply@acme.example>")


@dataclass
class Sink:
    """Accepts every mail, unless an answer for it was put in front. The names of its methods are aiosmtpd's."""

    port: int = 0
    rcpt_answers: list[str] = field(default_factory=list)
    data_answers: list[str] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)
    sessions: set[int] = field(default_factory=set)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: Sequence[str]
    ) -> str:
        if self.rcpt_answers:
            return self.rcpt_answers.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.data_answers:
            return self.data_answers.pop(0)
        assert isinstance(envelope.content, bytes)
        self.sessions.add(id(session))
        self.raw.append(envelope.content)
        self.recipients += envelope.rcpt_tos
        return f"250 kept for {envelope.rcpt_tos[0]}"

    @property
    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(raw, policy=default) for raw in self.raw]  # type: ignore[misc]


@pytest.fixture
async def sink() -> AsyncIterator[Sink]:
    inbox = Sink()
    server = await asyncio.get_running_loop().create_server(
        lambda: SMTP(inbox, hostname="sink.invalid", enable_SMTPUTF8=True), "127.0.0.1", 0
    )
    inbox.port = server.sockets[0].getsockname()[1]
    yield inbox
    server.close()


class Intake(intake_pb2_grpc.IntakeServiceServicer):
    def __init__(self) -> None:
        self.contacts: dict[str, intake.CustomerContact] = {}
        self.asked: list[list[str]] = []

    def know(self, complaint_id: str, email: str | None, name: str = "张三", language: str = "zh") -> None:
        self.contacts[complaint_id] = intake.CustomerContact(
            complaint_id=complaint_id, number="C26-0000042", customer_name=name, customer_email=email, language=language
        )

    async def GetContacts(self, request: intake.GetContactsRequest, context: Any) -> intake.GetContactsReply:
        self.asked.append(list(request.complaint_ids))
        known = [self.contacts[i] for i in request.complaint_ids if i in self.contacts]
        return intake.GetContactsReply(contacts=known)


class Gateway(identity_pb2_grpc.IdentityServiceServicer):
    def __init__(self) -> None:
        self.persons: dict[str, gateway.Person] = {}
        self.asked: list[list[str]] = []

    def know(self, person_id: str, language: str = "en", *, disabled: bool = False) -> None:
        self.persons[person_id] = gateway.Person(
            person_id=person_id,
            name=f"Colleague {person_id}",
            email=f"{person_id}@acme.example",
            language=language,
            disabled=disabled,
        )

    async def GetPersons(self, request: gateway.GetPersonsRequest, context: Any) -> gateway.GetPersonsReply:
        self.asked.append(list(request.person_ids))
        return gateway.GetPersonsReply(persons=[self.persons[i] for i in request.person_ids if i in self.persons])


@dataclass
class Neighbours:
    intake: Intake
    gateway: Gateway
    server: grpc.aio.Server
    target: str

    async def leave(self) -> None:
        await self.server.stop(None)


@pytest.fixture
async def neighbours() -> AsyncIterator[Neighbours]:
    server, customers, colleagues = grpc.aio.server(), Intake(), Gateway()
    intake_pb2_grpc.add_IntakeServiceServicer_to_server(customers, server)
    identity_pb2_grpc.add_IdentityServiceServicer_to_server(colleagues, server)
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    yield Neighbours(customers, colleagues, server, f"127.0.0.1:{port}")
    await server.stop(None)


MakeRoom = Callable[..., Mailroom]


@pytest.fixture
def make_room() -> MakeRoom:
    def make(**more: Any) -> Mailroom:
        head = Letterhead("Acme", ZoneInfo("Asia/Shanghai"))
        common: dict[str, Any] = {
            "open": True,
            "templates": Published(letter_templates(head), NAME),
            "head": head,
            "digest_interval": timedelta(seconds=60),
            "retry": RetryPolicy(3, timedelta(0), timedelta(seconds=60), timedelta(0)),
            "claim": timedelta(seconds=30),
            "knock": lambda: None,
            "links": CustomerLinks(SIGNER, "https://redress.example/", status_days=180, survey_days=30),
        }
        return Mailroom(**(common | more))

    return make


@pytest.fixture
def room(make_room: MakeRoom) -> Mailroom:
    """Retries at once, three times."""
    return make_room()


@asynccontextmanager
async def open_post(sink: Sink, neighbours: Neighbours) -> AsyncIterator[Post]:
    access = Access("127.0.0.1", sink.port, "no-reply@acme.example", "acme.example", None, None, False, 20.0)
    server = MailServer(access, 3, lambda seconds: None)
    channel = asking.channel(neighbours.target)
    yield Post(server, SENDER, Customers(channel, lambda: "t", 5.0), Colleagues(channel, lambda: "t", 5.0, keep_s=60.0))
    await server.close()
    await channel.close()


@pytest.fixture
async def post(sink: Sink, neighbours: Neighbours) -> AsyncIterator[Post]:
    async with open_post(sink, neighbours) as opened:
        yield opened


@pytest.fixture
async def second_post(sink: Sink, neighbours: Neighbours) -> AsyncIterator[Post]:
    """Another replica's."""
    async with open_post(sink, neighbours) as opened:
        yield opened


@pytest.fixture(scope="session")
async def notify_db(migrated: Any) -> AsyncIterator[Database]:
    with migrated.fresh("notify") as dsns:
        database = Database(dsns.runtime)
        yield database
        await database.close()


@pytest.fixture
async def db(notify_db: Database) -> Database:
    """The same for all tests here, emptied: copying a template for each costs more than the tests do."""
    async with notify_db.tx() as tx:
        for table in (
            "deliveries",
            "delivery_attempts",
            "notices",
            "survey_answers",
            "surveys",
            "known_cases",
            "outbox",
        ):
            await tx.execute(f"DELETE FROM {table}")
    return notify_db


@dataclass
class Store:
    """What notify's database holds."""

    db: Database

    async def deliveries(self) -> list[dict[str, Any]]:
        async with self.db.read() as tx:
            return [dict(row) for row in await tx.fetch("SELECT * FROM deliveries ORDER BY delivery_id")]

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.deliveries()]

    async def log(self) -> list[str]:
        async with self.db.read() as tx:
            return [row["answer"] for row in await tx.fetch("SELECT answer FROM delivery_attempts ORDER BY seq")]

    async def emitted(self) -> list[dict[str, Any]]:
        """All events in the outbox, oldest first."""
        async with self.db.read() as tx:
            return [json.loads(row["body"]) for row in await tx.fetch("SELECT body FROM outbox ORDER BY seq")]


@pytest.fixture
def store(db: Database) -> Store:
    return Store(db)
