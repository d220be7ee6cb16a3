"""`redressctl load`: creates complaints through the public API and writes down which were acknowledged."""

import asyncio
import random
import time
import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from redressctl.api import connect
from redressctl.load.acks import AckFile
from redressctl.load.complaints import make_complaint
from redressctl.load.http1 import Answer, Connection, ConnectionLost
from redressctl.load.pace import Pace
from redressctl.load.tally import Tally
from redressctl.retrying import CONNECTION_LOST, Patience

_PATH = "/v1/complaints"
_UNLIMITED_PER_S = 100_000.0


async def run(
    url: str,
    key: str,
    *,
    rate_per_s: float = 50.0,
    count: int | None = None,
    seconds: float | None = None,
    concurrency: int = 32,
    acks: Path | None = None,
    patience: Patience | None = None,
    stop: asyncio.Event | None = None,
    own_key: bool = True,
) -> Tally:
    """Bounded by `count`, `seconds` or `stop`, at least one of them. `rate_per_s` 0: as fast as `concurrency`
    connections take them. A request without an answer is sent again with its key, as long as `patience` lasts.

    `own_key`: sends with a key made by `key` (role admin) for this run, whose rate is not limited.
    """
    if count is None and seconds is None and stop is None:
        raise ValueError("a load without an end: give count, seconds or stop")
    pace = Pace(rate_per_s, count, seconds, stop or asyncio.Event())
    async with sending_key(url, key, own_key) as credential:
        with AckFile(acks) as file:
            sender = _Sender(url, credential, pace, file, patience or Patience())
            begun = time.monotonic()
            await asyncio.gather(*(sender.work() for _ in range(concurrency)))
            sender.tally.seconds = time.monotonic() - begun
            return sender.tally


@dataclass
class _Sender:
    url: str
    credential: str
    pace: Pace
    acks: AckFile
    patience: Patience
    tally: Tally = field(default_factory=Tally)
    run_id: str = field(default_factory=lambda: uuid.uuid4().hex[:10])
    dice: random.Random = field(default_factory=random.Random)

    async def work(self) -> None:
        connection = Connection(self.url, self.credential)
        try:
            while (number := await self.pace.next()) is not None:
                await self._create(connection, number)
        finally:
            connection.close()

    async def _create(self, connection: Connection, number: int) -> None:
        key = f"load-{self.run_id}-{number}"
        body = make_complaint(number, key, self.dice)
        self.tally.sent += 1
        begun = time.monotonic()
        answer = await self._persistently(connection, key, body, begun)
        if answer is None:
            self.tally.given_up += 1
        elif answer.status in (200, 201):
            self._acknowledged(key, answer, time.monotonic() - begun)
        else:
            self.tally.refuse(answer.status)

    async def _persistently(self, connection: Connection, key: str, body: bytes, begun: float) -> Answer | None:
        attempt = 0
        while True:
            attempt += 1
            answer: Answer | None = None
            with suppress(ConnectionLost):
                answer = await connection.post(_PATH, body, key)
            status, headers = (answer.status, answer.headers) if answer else (CONNECTION_LOST, {})
            wait = self.patience.pause(status, headers, attempt, time.monotonic() - begun)
            if wait is None:
                return answer
            self.tally.retries += 1
            await asyncio.sleep(wait)

    def _acknowledged(self, key: str, answer: Answer, took_s: float) -> None:
        registered = msgspec.json.decode(answer.body)
        self.acks.add(key, registered["complaint_id"], registered["number"])
        self.tally.acknowledged += 1
        self.tally.repeated += bool(registered.get("existing"))
        self.tally.latencies_s.append(took_s)


@asynccontextmanager
async def sending_key(url: str, key: str, own_key: bool, role: str = "channel") -> AsyncIterator[str]:
    """A key for this run, made and withdrawn by `key` (role admin); `key` itself without `own_key`."""
    if not own_key:
        yield key
        return
    async with connect(url, key) as api:
        made = await api.post(
            "/v1/api-keys", {"name": "redressctl load", "roles": [role], "rate_per_s": _UNLIMITED_PER_S}
        )
        try:
            yield made["key"]
        finally:
            await api.send("DELETE", f"/v1/api-keys/{made['key_id']}")
