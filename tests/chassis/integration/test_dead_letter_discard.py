"""A person settles an event for good: it is counted no more, and no later delivery brings it back."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from chassis import dead_letters, inbox
from chassis.db import Database
from chassis.envelope import decode, encode
from chassis.errors import Conflict
from chassis.ids import new_id
from redress.intake.v1.events import ContactReceived


def event_body() -> bytes:
    payload = ContactReceived(complaint_id=new_id(), contact_id=new_id(), channel="phone", at=datetime.now(UTC))
    _, body = encode(payload, event_id=new_id(), subject=new_id(), sequence=2, time=datetime.now(UTC), traceparent=None)
    return body


async def parked(db: Database, body: bytes) -> str:
    one = dead_letters.Parked("REDRESS_INTAKE", 1, new_id(), "redress.intake.x.v1", "", body, "ValueError", 5)
    async with db.tx() as tx:
        await dead_letters.park(tx, "capa", one)
        return str(await tx.fetchval("SELECT id FROM dead_letter WHERE event_id = $1", one.event_id))


async def test_a_discarded_event_has_no_effect_when_it_comes_again(service_db: Callable[[str], Database]) -> None:
    db, body = service_db("capa"), event_body()
    letter = await parked(db, body)
    async with db.tx() as tx:
        await dead_letters.discard(tx, letter, "a test of ours")
    async with db.tx() as tx:
        assert await inbox.claim(tx, "capa", [decode(body)]) == []


async def test_what_cannot_be_read_is_discarded_too_and_nothing_is_settled_twice(
    service_db: Callable[[str], Database],
) -> None:
    db = service_db("capa")
    letter = await parked(db, b"no event at all")
    async with db.tx() as tx:
        await dead_letters.discard(tx, letter, "a test of ours")
    with pytest.raises(Conflict, match="before"):
        async with db.tx() as tx:
            await dead_letters.discard(tx, letter, "once more")
