"""Asks for the same page on many kept connections, each as fast as it is answered; a process of its own.

One order as JSON on stdin, one reading as JSON on stdout.
"""

import asyncio
import sys
import time
from urllib.parse import urlsplit

import msgspec
import uvloop

from tests.bench.quantiles import percentile
from tests.bench.wire import open_wire


class Asked(msgspec.Struct):
    url: str
    keys: list[str]
    """One client each."""
    path: str
    seconds: float


class Reading(msgspec.Struct):
    answered: int
    seconds: float
    p50_ms: float
    p99_ms: float
    max_ms: float
    body_bytes: int
    cpu_s: float


async def read(asked: Asked) -> Reading:
    """Raises RuntimeError for an answer that is not 200."""
    address = urlsplit(asked.url)
    latencies: list[float] = []
    size = 0

    async def one(key: str, until: float) -> None:
        nonlocal size
        head = f"Host: {address.netloc}\r\nAuthorization: Bearer {key}"
        request = f"GET {asked.path} HTTP/1.1\r\n{head}\r\n\r\n".encode()
        wire = await open_wire(address.hostname or "", address.port or 80)
        while (begun := time.perf_counter()) < until:
            status, body = await wire.send(request)
            if status != 200:
                raise RuntimeError(f"{asked.path} was answered with {status}: {body[:300].decode(errors='replace')}")
            latencies.append(time.perf_counter() - begun)
            size = len(body)
        wire.close()

    begun, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(one(key, begun + asked.seconds) for key in asked.keys))
    seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu

    def ms(share: float) -> float:
        return round((percentile(latencies, share) or 0.0) * 1000, 2)

    return Reading(len(latencies), seconds, ms(0.5), ms(0.99), ms(1.0), size, cpu)


if __name__ == "__main__":
    order = msgspec.json.decode(sys.stdin.buffer.read(), type=Asked)
    sys.stdout.write(msgspec.json.encode(uvloop.run(read(order))).decode())
