"""Complaints through the gateway's Service while something happens: kept connections and fresh ones, none retried."""

import asyncio
import json
import threading
import time
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from redressctl.load.acks import AckFile
from redressctl.load.http1 import Connection, ConnectionLost

_REST_S = 0.1


@dataclass
class Load:
    """Runs in a thread of its own between `with` and its end. A request that failed is failed: nobody asks again."""

    url: str
    key: str
    acks: Path
    kept: int = 3
    fresh: int = 2
    acknowledged: int = 0
    failures: list[str] = field(default_factory=list)

    def __enter__(self) -> "Load":
        self._over = threading.Event()
        self._thread = threading.Thread(target=lambda: asyncio.run(self._all()), name="load")
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join(60)

    def reaches(self, count: int, within_s: float) -> None:
        """So that a test knows that load is under way. Raises AssertionError."""
        until, wanted = time.monotonic() + within_s, self.acknowledged + count
        while self.acknowledged < wanted:
            assert time.monotonic() < until, (
                f"{self.acknowledged} of {wanted} acknowledged; failures: {self.failures[:5]}"
            )
            time.sleep(0.05)

    async def _all(self) -> None:
        with AckFile(self.acks) as acks:
            kept = [self._client(acks, fresh=False) for _ in range(self.kept)]
            await asyncio.gather(*kept, *(self._client(acks, fresh=True) for _ in range(self.fresh)))

    async def _client(self, acks: AckFile, *, fresh: bool) -> None:
        connection = Connection(self.url, self.key)
        while not self._over.is_set():
            if fresh:
                connection.close()
            await self._create(connection, acks)
            await asyncio.sleep(_REST_S)
        connection.close()

    async def _create(self, connection: Connection, acks: AckFile) -> None:
        key, begun = uuid.uuid4().hex, time.monotonic()
        try:
            answer = await connection.post("/v1/complaints", _complaint(key), key)
        except ConnectionLost as error:
            self.failures.append(f"after {time.monotonic() - begun:.2f} s: {error}")
            return
        if answer.status != 201:
            self.failures.append(f"{answer.status}: {answer.body[:300].decode(errors='replace')}")
            return
        made = json.loads(answer.body)
        acks.add(key, made["complaint_id"], made["number"])
        self.acknowledged += 1


def _complaint(key: str) -> bytes:
    given = {
        "language": "en",
        "channel": "api",
        "customer_name": f"Customer {key[:8]}",
        "customer_email": f"{key[:8]}@customers.example",
        "product_family": "Aurora e-bike",
        "serial": key,
        "description": f"The display stays dark after a rollout ({key}).",
        "injury_or_fire": "no",
    }
    return json.dumps(given).encode()
