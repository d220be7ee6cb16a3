"""After the load: the operator settles what was poisoned, `verify` looks, and the books are reckoned."""

import asyncio
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from redressctl.api import Api, connect
from redressctl.load.acks import read_acks
from redressctl.verify import Report, verify
from redressctl.verify.books import read_books
from redressctl.verify.subscriptions import SUBSCRIPTIONS
from tests.chaos.ground import Ground
from tests.chaos.load import Sent
from tests.chaos.reckoning import Reckoning, letters_twice, read_serials, reckon
from tests.chaos.reckoning_work import reckon_work

_SETTLE_LIMIT_S = 120.0
_HANDS = 8


@dataclass(frozen=True)
class Aftermath:
    report: Report
    reckoning: Reckoning
    letters_twice: int
    parked: int


def look_after(ground: Ground, sent: Sent) -> Aftermath:
    """In a thread of its own, because what died last may have to be started meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(asyncio.run, _look(ground, sent))
        ground.wait_until(looking.done, 3 * _SETTLE_LIMIT_S)
        report, reckoning, parked = looking.result(timeout=1)
    mails = httpx.get(f"{ground.stack.sink_url}/messages", params={"limit": 1_000_000}, timeout=30).json()
    return Aftermath(report, reckoning, letters_twice(mails["messages"]), parked)


async def _look(ground: Ground, sent: Sent) -> tuple[Report, Reckoning, int]:
    async with connect(ground.stack.public_url, ground.stack.admin_key, concurrency=_HANDS) as api:
        parked = await settle_poison(api, ground)
        report = await verify(api, acks=sent.acks, wait_s=_SETTLE_LIMIT_S)
        books = await read_books(api)
        reckoning = reckon(read_acks(sent.acks), await read_serials(api), books)
        closing = ground.sql("notify", "SELECT case_id FROM deliveries WHERE kind = 'case_closed';").split()
        return report, reckoning + reckon_work(sent.work, books.outbox.get("workflow", ()), closing), parked


async def settle_poison(api: Api, ground: Ground) -> int:
    """As many as were poisoned, no more and no fewer, are found in the operator's list; each is then discarded."""
    found = {service: await api.all(f"/v1/admin/{service}/dead-letters") for service in SUBSCRIPTIONS}
    listed = Counter({service: len(letters) for service, letters in found.items()})
    if +listed != +ground.poisoned:
        ground.findings.append(f"dead letters listed {dict(+listed)}, due {dict(+ground.poisoned)}")
        return listed.total()
    doors = [f"/v1/admin/{service}/dead-letters/{one['id']}/discard" for service, ones in found.items() for one in ones]
    await asyncio.gather(*(api.post(door, {"reason": "poison of the chaos run"}) for door in doors))
    return listed.total()
