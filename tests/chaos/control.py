"""The negative control: with the rewind switched off, a reverted store loses events. If it did not, the run that lost
nothing would have proven nothing."""

import asyncio

from redressctl.api import connect
from stack.fleet import ServiceProcess
from stack.stack import Stack
from tests.bench.delivered import undelivered
from tests.chaos.ground import Ground, NotRecovered
from tests.chaos.load import SteadyLoad
from tests.chaos.processes import take_back_store
from tests.chaos.progress import Progress
from tests.chaos.reckoning import never_handled, read_books_of

_OWNER, _CONSUMER = "intake", "workflow"
_REWIND_OFF = {"REDRESS_RELAY_REWIND": "false"}


def run_control(ground: Ground, rate_per_s: float, lost_s: float) -> int:
    """Events of intake that workflow never handled, on a stack where it had handled all; `lost_s`: how many seconds
    of the stream are lost. Leaves one replica of both, without the rewind."""
    stack = ground.stack
    for service in (_OWNER, _CONSUMER):
        _begin_anew(stack, service)
    for service in (_OWNER, _CONSUMER):
        stack.service(service).wait_ready()
    progress = Progress(stack.postgres.server)
    load = SteadyLoad(
        stack.public_url, stack.admin_key, rate_per_s, ground.folder / "control-acks", progress, with_work=False
    )
    load.start()
    take_back_store(lost_s, ground)
    ground.wait(2.0)
    load.stop(ground.wait_until)
    load.close()
    if not ground.wait_until(lambda: not undelivered(stack), 60):
        raise NotRecovered(f"the control did not settle: {undelivered(stack)}")
    return asyncio.run(_lost(stack))


def _begin_anew(stack: Stack, service: str) -> None:
    first, *others = [stack.service(service, replica.index) for replica in stack.replicas[service]]
    for one in (first, *others):
        one.stop()
    _launch_without_rewind(first)


def _launch_without_rewind(service: ServiceProcess) -> None:
    service.process.env = {**(service.process.env or {}), **_REWIND_OFF}
    service.launch()


async def _lost(stack: Stack) -> int:
    async with connect(stack.public_url, stack.admin_key) as api:
        return len(never_handled(await read_books_of(api, (_OWNER, _CONSUMER)), _CONSUMER))
