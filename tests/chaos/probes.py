"""A create every 200 ms that is not repeated: what a customer would have met at that moment."""

import asyncio
import random
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from redressctl.load.acks import AckFile
from redressctl.load.complaints import make_complaint
from redressctl.load.http1 import Connection, ConnectionLost
from tests.chaos.recovery import Probe

_EVERY_S, _TIMEOUT_S = 0.2, 2.0


class Prober:
    """`heard` is told of every complaint that was acknowledged."""

    def __init__(self, url: str, key: str, acks: Path, heard: Callable[[str], None]) -> None:
        self._url, self._key, self._acks, self._heard = url, key, acks, heard
        self._run, self._number, self._dice = time.time_ns(), 0, random.Random()
        self.probes: list[Probe] = []
        self.unhelpful = 0
        """Answers 503 that did not say when to come again."""

    async def run(self, over: asyncio.Event) -> None:
        connection = Connection(self._url, self._key, timeout_s=_TIMEOUT_S)
        with AckFile(self._acks) as acks:
            while not over.is_set():
                self._number += 1
                begun = time.monotonic()
                status = await self._create(connection, f"probe-{self._run}-{self._number}", acks)
                self.probes.append(Probe(begun, time.monotonic(), status))
                await asyncio.sleep(max(0.0, begun + _EVERY_S - time.monotonic()))
        connection.close()

    async def _create(self, connection: Connection, key: str, acks: AckFile) -> int:
        """The answer's status; 0 without one."""
        try:
            answer = await connection.post("/v1/complaints", make_complaint(self._number, key, self._dice), key)
        except ConnectionLost:
            return 0
        self.unhelpful += answer.status == 503 and "retry-after" not in answer.headers
        if answer.status in (200, 201):
            registered = msgspec.json.decode(answer.body)
            acks.add(key, registered["complaint_id"], registered["number"])
            self._heard(registered["complaint_id"])
        return answer.status
