"""Creates at a steady rate, probes and people's work, from a thread of its own: the main thread must tend the stack."""

import asyncio
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from redressctl import load
from redressctl.load.acks import read_acks
from redressctl.load.tally import Tally
from redressctl.retrying import Patience
from tests.chaos.people import People, Work
from tests.chaos.probes import Prober
from tests.chaos.progress import Progress
from tests.chaos.recovery import Probe

# A request may outlast any fault: what was never acknowledged proves nothing.
_PATIENCE = Patience(total_s=90.0)
WaitUntil = Callable[[Callable[[], bool], float], bool]
"""(condition, timeout in seconds) -> whether it came true."""


@dataclass(frozen=True)
class Sent:
    tally: Tally
    acks: Path
    """Of load and probes together."""
    acknowledged: int
    work: Work
    unhelpful: int
    """Probes answered with 503 without Retry-After."""


class SteadyLoad:
    """Between `start` and `stop`: the same Idempotency-Key again after 503 or a lost connection, until acknowledged."""

    def __init__(
        self, url: str, key: str, rate_per_s: float, folder: Path, progress: Progress, *, with_work: bool = True
    ) -> None:
        self._url, self._key, self._rate_per_s = url, key, rate_per_s
        folder.mkdir(parents=True, exist_ok=True)
        self._load_acks, self._probe_acks, self._all_acks = (folder / f"{n}.jsonl" for n in ("load", "probes", "all"))
        self._loop = asyncio.new_event_loop()
        self._going = asyncio.Event()
        self._shift_over = asyncio.Event()
        self._over = False
        self._resting = threading.Event()
        self._progress = progress
        self._people = People(url, key, _PATIENCE)
        self._with_work = with_work
        self._prober = Prober(url, key, self._probe_acks, self._heard)
        self._tally = Tally()
        self._done: Future[None] = Future()
        self._thread = threading.Thread(target=self._work, daemon=True)

    @property
    def probes(self) -> list[Probe]:
        return self._prober.probes

    def start(self) -> None:
        self._thread.start()
        self.resume()

    def pause(self, wait_until: WaitUntil) -> bool:
        """Begins nothing new; whether all that was under way ended in time."""
        self._call(self._going.clear)
        self._call(self._shift_over.set)
        return wait_until(self._resting.is_set, _PATIENCE.total_s + 10)

    def resume(self) -> None:
        self._resting.clear()
        self._call(self._going.set)

    def stop(self, wait_until: WaitUntil) -> Sent:
        """Waits with `wait_until` for what is under way."""
        self._over = True
        self.pause(wait_until)
        wait_until(self._done.done, 10)
        self._done.result(timeout=1)
        self._all_acks.write_text(self._load_acks.read_text() + self._probe_acks.read_text())
        acknowledged = len(read_acks(self._all_acks))
        return Sent(self._tally, self._all_acks, acknowledged, self._people.work, self._prober.unhelpful)

    def close(self) -> None:
        self._call(self._loop.stop)
        self._thread.join(timeout=5)

    def follow(self, since: float) -> Future[float | None]:
        """When, on the monotonic clock, all probes acknowledged until `since` had their cases and facts."""
        return asyncio.run_coroutine_threadsafe(self._progress.caught_up(since), self._loop)

    def _call(self, function: Callable[[], object]) -> None:
        self._loop.call_soon_threadsafe(function)

    def _work(self) -> None:
        watching = self._loop.create_task(self._progress.watch())
        try:
            self._loop.run_until_complete(self._run())
            self._done.set_result(None)
        except BaseException as error:
            self._resting.set()
            self._done.set_exception(error)
        # Followers may still be under way.
        self._loop.run_forever()
        watching.cancel()
        self._loop.run_until_complete(asyncio.wait([watching]))

    async def _run(self) -> None:
        while not self._over:
            await self._going.wait()
            self._shift_over = over = asyncio.Event()
            await asyncio.gather(self._create(), self._prober.run(over), self._people.run(over))
            self._resting.set()

    async def _create(self) -> None:
        tally = await load.run(
            self._url,
            self._key,
            rate_per_s=self._rate_per_s,
            acks=self._load_acks,
            patience=_PATIENCE,
            stop=self._shift_over,
        )
        add(self._tally, tally)

    def _heard(self, complaint_id: str) -> None:
        self._progress.expect(complaint_id, time.monotonic())
        if self._with_work:
            self._people.offer(complaint_id)


def add(to: Tally, more: Tally) -> None:
    """The tally of a further shift."""
    for name in ("sent", "acknowledged", "repeated", "given_up", "retries", "seconds"):
        setattr(to, name, getattr(to, name) + getattr(more, name))
    for status, count in more.refused.items():
        to.refused[status] = to.refused.get(status, 0) + count
