"""Who a delivery goes to: customers from intake, colleagues from the gateway. Never stored, never logged."""

import time
from collections.abc import Callable, Collection

import grpc

from chassis import asking
from notify.domain.letter import Recipient
from redress.gateway.v1 import identity_pb2 as gateway
from redress.gateway.v1.identity_pb2_grpc import IdentityServiceStub
from redress.intake.v1 import intake_pb2 as intake
from redress.intake.v1.intake_pb2_grpc import IntakeServiceStub

Token = Callable[[], str]


class Customers:
    """By complaint. Asked for every time: an address may have been corrected or erased a moment ago."""

    def __init__(self, channel: grpc.aio.Channel, token: Token, timeout_s: float) -> None:
        self._stub = IntakeServiceStub(channel)
        self._token = token
        self._timeout_s = timeout_s

    async def of(self, complaint_ids: Collection[str]) -> dict[str, Recipient]:
        """Raises Unavailable while intake does not answer."""
        request = intake.GetContactsRequest(complaint_ids=sorted(complaint_ids))
        reply = await asking.invoke(self._stub.GetContacts, request, token=self._token(), timeout=self._timeout_s)
        return {
            contact.complaint_id: Recipient(
                contact.customer_name, contact.customer_email, contact.language, contact.number
            )
            for contact in reply.contacts
        }


class Colleagues:
    """By person. Kept for a short while: digests ask for the same few people every minute."""

    def __init__(self, channel: grpc.aio.Channel, token: Token, timeout_s: float, keep_s: float) -> None:
        self._stub = IdentityServiceStub(channel)
        self._token = token
        self._timeout_s = timeout_s
        self._keep_s = keep_s
        self._known: dict[str, tuple[float, Recipient]] = {}

    async def of(self, person_ids: Collection[str]) -> dict[str, Recipient]:
        """Raises Unavailable while the gateway does not answer. Someone who has left has no address."""
        now = time.monotonic()
        self._known = {person: known for person, known in self._known.items() if known[0] > now}
        if missing := set(person_ids) - self._known.keys():
            for person in await self._ask(sorted(missing)):
                address = None if person.disabled else person.email
                recipient = Recipient(person.name, address, person.language)
                self._known[person.person_id] = (now + self._keep_s, recipient)
        return {person: self._known[person][1] for person in person_ids if person in self._known}

    async def _ask(self, person_ids: list[str]) -> Collection[gateway.Person]:
        request = gateway.GetPersonsRequest(person_ids=person_ids)
        reply = await asking.invoke(self._stub.GetPersons, request, token=self._token(), timeout=self._timeout_s)
        return reply.persons
