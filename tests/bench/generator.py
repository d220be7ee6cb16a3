"""The load generator, a process of its own so that its CPU time is told apart.

    python -m tests.bench.generator HOST PORT      API key in REDRESS_KEY

Reads one order per line from stdin and writes one outcome per line to stdout, both JSON:
{"concurrency": 16, "seconds": 5} sends as fast as answers come; with "rate_per_s" it sends at fixed times, whatever
the answers do, and takes latency from the scheduled time (no coordinated omission).
"""

import asyncio
import os
import sys
import time
import uuid
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import msgspec
import uvloop

from tests.bench.complaints import Complaints
from tests.bench.quantiles import percentile
from tests.bench.wire import Wire, open_wire

_ACCEPTED = (200, 201)


class Order(msgspec.Struct):
    seconds: float
    concurrency: int
    rate_per_s: float | None = None


class Outcome(msgspec.Struct):
    accepted: int
    refused: dict[str, int]
    seconds: float
    """From the first request until the last answer."""
    p50_ms: float
    p99_ms: float
    max_ms: float

    @property
    def accepted_per_s(self) -> float:
        return self.accepted / self.seconds


@dataclass
class Tally:
    accepted: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    latencies_s: list[float] = field(default_factory=list)

    def outcome(self, seconds: float) -> Outcome:
        def ms(share: float) -> float:
            return round((percentile(self.latencies_s, share) or 0.0) * 1000, 2)

        return Outcome(self.accepted, dict(self.refused), seconds, ms(0.5), ms(0.99), ms(1.0))


class Generator:
    def __init__(self, host: str, port: int, key: str) -> None:
        self._host, self._port = host, port
        self._complaints = Complaints(seed=7)
        self._run = uuid.uuid4().hex[:8]
        self._number = 0
        self._head = (
            f"POST /v1/complaints HTTP/1.1\r\nHost: {host}:{port}\r\nAuthorization: Bearer {key}\r\n"
            "Content-Type: application/json\r\nIdempotency-Key: "
        ).encode()

    async def carry_out(self, order: Order) -> Outcome:
        tally = Tally()
        async with self._wires(order.concurrency) as wires:
            begun = time.perf_counter()
            if order.rate_per_s:
                await self._at_rate(wires, tally, order.rate_per_s, order.seconds)
            else:
                await asyncio.gather(*(self._flat_out(wire, tally, begun + order.seconds) for wire in wires))
            return tally.outcome(time.perf_counter() - begun)

    async def _flat_out(self, wire: Wire, tally: Tally, until: float) -> None:
        while (now := time.perf_counter()) < until:
            await self._create(wire, tally, now)

    async def _at_rate(self, wires: list[Wire], tally: Tally, rate_per_s: float, seconds: float) -> None:
        free: asyncio.LifoQueue[Wire] = asyncio.LifoQueue()
        for wire in wires:
            free.put_nowait(wire)

        async def one(scheduled: float) -> None:
            wire = await free.get()
            if not wire.is_open:  # the door closes a connection that was opened and never used
                wire = await open_wire(self._host, self._port)
            await self._create(wire, tally, scheduled)
            free.put_nowait(wire)

        begun = time.perf_counter()
        async with asyncio.TaskGroup() as group:
            for n in range(int(rate_per_s * seconds)):
                scheduled = begun + n / rate_per_s
                await asyncio.sleep(max(0.0, scheduled - time.perf_counter()))
                group.create_task(one(scheduled))

    async def _create(self, wire: Wire, tally: Tally, since: float) -> None:
        self._number += 1
        body = self._complaints.body(self._number)
        request = b"%b%b-%d\r\nContent-Length: %d\r\n\r\n%b" % (
            self._head,
            self._run.encode(),
            self._number,
            len(body),
            body,
        )
        status, _ = await wire.send(request)
        if status in _ACCEPTED:
            tally.accepted += 1
            tally.latencies_s.append(time.perf_counter() - since)
        else:
            tally.refused[str(status)] += 1

    @asynccontextmanager
    async def _wires(self, count: int) -> AsyncIterator[list[Wire]]:
        wires = [await open_wire(self._host, self._port) for _ in range(count)]
        try:
            yield wires
        finally:
            for wire in wires:
                wire.close()


async def main(host: str, port: int, key: str) -> None:
    generator = Generator(host, port, key)
    while line := await asyncio.to_thread(sys.stdin.readline):
        outcome = await generator.carry_out(msgspec.json.decode(line, type=Order))
        sys.stdout.write(msgspec.json.encode(outcome).decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], int(sys.argv[2]), os.environ["REDRESS_KEY"]))
