"""Creates at a steady rate and probes, from a thread of its own: the main thread must tend the stack."""

import asyncio
import random
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

import msgspec

from redressctl import load
from redressctl.api import Api, connect
from redressctl.errors import ApiProblem
from redressctl.load.acks import AckFile, read_acks
from redressctl.load.complaints import make_complaint
from redressctl.load.http1 import Connection, ConnectionLost
from redressctl.load.tally import Tally
from redressctl.retrying import Patience
from tests.chaos.recovery import Probe

_PROBE_EVERY_S = 0.2
_PROBE_TIMEOUT_S = 2.0
_FOLLOWED_S = 120.0
# A request may outlast any fault: what was never acknowledged proves nothing.
_PATIENCE = Patience(total_s=90.0)


@dataclass(frozen=True)
class Sent:
    tally: Tally
    acks: Path
    """Of load and probes together."""
    acknowledged: int


class SteadyLoad:
    """Between `start` and `stop`: the same Idempotency-Key again after 503 or a lost connection, until acknowledged."""

    def __init__(self, url: str, key: str, rate_per_s: float, folder: Path) -> None:
        self._url, self._key, self._rate_per_s = url, key, rate_per_s
        folder.mkdir(parents=True, exist_ok=True)
        self._load_acks, self._probe_acks, self._all_acks = (folder / f"{n}.jsonl" for n in ("load", "probes", "all"))
        self.probes: list[Probe] = []
        self._newest = ""
        self._loop = asyncio.new_event_loop()
        self._stop = asyncio.Event()
        self._tally: Future[Tally] = Future()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, wait_until: Callable[[Callable[[], bool], float], bool]) -> Sent:
        """Begins no new create, and waits for those under way with `wait_until` (condition, timeout)."""
        self._loop.call_soon_threadsafe(self._stop.set)
        wait_until(self._tally.done, _PATIENCE.total_s + 10)
        tally = self._tally.result(timeout=1)
        self._all_acks.write_text(self._load_acks.read_text() + self._probe_acks.read_text())
        return Sent(tally, self._all_acks, len(read_acks(self._all_acks)))

    def close(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(timeout=5)

    def follow(self) -> Future[float | None]:
        """Seconds until the next acknowledged complaint has its case and its fact; None when that took too long."""
        return asyncio.run_coroutine_threadsafe(self._followed(self._newest), self._loop)

    def _work(self) -> None:
        try:
            self._tally.set_result(self._loop.run_until_complete(self._run()))
        except BaseException as error:
            self._tally.set_exception(error)
        # Followers may still be under way.
        self._loop.run_forever()

    async def _run(self) -> Tally:
        probing = asyncio.create_task(self._probe_on())
        tally = await load.run(
            self._url,
            self._key,
            rate_per_s=self._rate_per_s,
            acks=self._load_acks,
            patience=_PATIENCE,
            stop=self._stop,
        )
        await probing
        return tally

    async def _probe_on(self) -> None:
        connection = Connection(self._url, self._key, timeout_s=_PROBE_TIMEOUT_S)
        dice, run, number = random.Random(), time.time_ns(), 0
        with AckFile(self._probe_acks) as acks:
            while not self._stop.is_set():
                number += 1
                key = f"probe-{run}-{number}"
                begun = time.monotonic()
                accepted = await self._accepts(connection, key, make_complaint(number, key, dice), acks)
                self.probes.append(Probe(begun, time.monotonic(), accepted))
                await asyncio.sleep(max(0.0, begun + _PROBE_EVERY_S - time.monotonic()))
        connection.close()

    async def _accepts(self, connection: Connection, key: str, body: bytes, acks: AckFile) -> bool:
        try:
            answer = await connection.post("/v1/complaints", body, key)
        except ConnectionLost:
            return False
        if answer.status not in (200, 201):
            return False
        registered = msgspec.json.decode(answer.body)
        acks.add(key, registered["complaint_id"], registered["number"])
        self._newest = registered["complaint_id"]
        return True

    async def _followed(self, former: str) -> float | None:
        begun = time.monotonic()
        while self._newest == former and time.monotonic() - begun < _FOLLOWED_S:
            await asyncio.sleep(0.05)
        async with connect(self._url, self._key, patience=_PATIENCE) as api:
            complaint_id = self._newest
            while time.monotonic() - begun < _FOLLOWED_S:
                if await _is_through(api, complaint_id):
                    return time.monotonic() - begun
                await asyncio.sleep(0.25)
        return None


async def _is_through(api: Api, complaint_id: str) -> bool:
    try:
        await api.get(f"/v1/cases/{complaint_id}")
        await api.get(f"/v1/complaints/{complaint_id}/fact")
    except ApiProblem as problem:
        if problem.status == 404:
            return False
        raise
    return True
