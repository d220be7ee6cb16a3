"""The run itself: faults under load, one after the other, then the reckoning."""

import asyncio
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import httpx

from redressctl.api import connect
from redressctl.load.acks import read_acks
from redressctl.verify import Report, verify
from redressctl.verify.books import read_books
from tests.chaos.faults import Fault
from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.load import Sent, SteadyLoad
from tests.chaos.reckoning import Reckoning, letters_twice, read_serials, reckon
from tests.chaos.recovery import Recovery, calm_since, outage_s

_RECOVERY_LIMIT_S = 60.0
_SETTLE_LIMIT_S = 90.0


@dataclass(frozen=True)
class Struck:
    recovery: Recovery
    through: Future[float | None]
    """From the fault's end, seconds until a complaint acknowledged after it had its case and its fact."""


def attack(ground: Ground, load: SteadyLoad, faults: Iterable[Fault], *, whole: bool) -> Iterator[Struck]:
    """Each fault waits until the system accepts again after the one before; with `whole` also until all is ready."""
    for fault in faults:
        yield strike(ground, load, fault)
        if whole and not ground.wait_until(ground.all_ready, _RECOVERY_LIMIT_S):
            raise NotRecovered(f"after {fault.name} not every part became ready again")


def strike(ground: Ground, load: SteadyLoad, fault: Fault) -> Struck:
    begun = time.monotonic()
    note = fault.strike(ground)
    lifted = time.monotonic()
    through = load.follow()
    if not ground.wait_until(lambda: calm_since(load.probes, lifted) is not None, _RECOVERY_LIMIT_S):
        raise NotRecovered(f"after {fault.name} nothing was accepted for {_RECOVERY_LIMIT_S:g} s")
    calm = calm_since(load.probes, lifted) or time.monotonic()
    return Struck(Recovery(fault.name, lifted - begun, outage_s(load.probes, begun, calm), note), through)


@dataclass(frozen=True)
class Aftermath:
    report: Report
    reckoning: Reckoning
    letters_twice: int


def look_after(ground: Ground, sent: Sent) -> Aftermath:
    """In a thread of its own, because what died last may have to be started meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        looking = pool.submit(asyncio.run, _look(ground.stack.public_url, ground.stack.admin_key, sent))
        ground.wait_until(looking.done, 2 * _SETTLE_LIMIT_S)
        report, reckoning = looking.result(timeout=1)
    mails = httpx.get(f"{ground.stack.sink_url}/messages", params={"limit": 1_000_000}, timeout=30).json()
    return Aftermath(report, reckoning, letters_twice(mails["messages"]))


async def _look(url: str, key: str, sent: Sent) -> tuple[Report, Reckoning]:
    async with connect(url, key) as api:
        report = await verify(api, acks=sent.acks, wait_s=_SETTLE_LIMIT_S)
        return report, reckon(read_acks(sent.acks), await read_serials(api), await read_books(api))
