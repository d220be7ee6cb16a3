"""The negative control: with the rewind switched off, a reverted store loses events. If it did not, the run that lost
nothing would have proven nothing."""

import asyncio
from pathlib import Path

from redressctl.api import connect
from stack.stack import Stack
from tests.bench.delivered import undelivered
from tests.chaos.faults import take_back_store
from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.load import SteadyLoad
from tests.chaos.reckoning import never_handled, read_books_of

_SERVICES = ("intake", "workflow", "gateway")
_REWIND_OFF = {"*": {"REDRESS_RELAY_REWIND": "false"}}


def run_control(folder: Path, rate_per_s: float, lost_s: float) -> int:
    """Events of intake that workflow never handled; `lost_s`: how many seconds of the stream are lost."""
    with Stack(folder / "data", services=_SERVICES, env_overrides=_REWIND_OFF, fast=True) as stack:
        ground = Ground(stack, folder)
        load = SteadyLoad(stack.public_url, stack.admin_key, rate_per_s, folder / "acks")
        load.start()
        take_back_store(lost_s, ground)
        ground.wait(2.0)
        load.stop(ground.wait_until)
        load.close()
        if not ground.wait_until(lambda: not undelivered(stack), 60):
            raise NotRecovered(f"the control did not settle: {undelivered(stack)}")
        return asyncio.run(_lost(stack))


async def _lost(stack: Stack) -> int:
    async with connect(stack.public_url, stack.admin_key) as api:
        return len(never_handled(await read_books_of(api, ("intake", "workflow")), "workflow"))
