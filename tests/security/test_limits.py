"""Limits under load: exact for whoever is limited, unfelt by everybody else, and cheap for us."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable

import httpx
import pytest

from stack.stack import Stack
from tests.security.memory import watched
from tests.security.raw import connected, request, statuses

RATE, BURST_S, SECONDS, CONNECTIONS = 20.0, 2.0, 4.0, 16


@pytest.fixture
def gateway_pid(stack: Stack) -> int:
    pid = stack.service("gateway").process.pid
    assert pid
    return pid


async def hammer(stack: Stack, key: str, until: float, at_once: int) -> list[int]:
    """Statuses of calls that are sent `at_once` on one connection: a client library would be slower than the limit."""
    call = request("GET /v1/me HTTP/1.1", key=key).replace(b"Connection: close\r\n", b"")
    got: list[int] = []
    async with connected(stack.public_url) as (reader, writer):
        while time.monotonic() < until:
            writer.write(call * at_once)
            answered = b""
            while len(statuses(answered)) < at_once:
                answered += await asyncio.wait_for(reader.read(65_536), 10)
            assert answered.lower().count(b"\r\nretry-after: ") == statuses(answered).count(429)
            got += statuses(answered)
    return got


async def test_a_rate_is_exact_under_16_connections_and_others_do_not_feel_it(
    stack: Stack, key_of: Callable[..., str]
) -> None:
    limited, free = key_of("quality", rate_per_s=RATE), key_of("quality")
    begun = time.monotonic()
    hammers = [hammer(stack, limited, begun + SECONDS, 10) for _ in range(CONNECTIONS)]
    *got, others = await asyncio.gather(*hammers, hammer(stack, free, begun + SECONDS, 1))
    elapsed = time.monotonic() - begun
    counted = Counter(status for each in got for status in each)
    print(f"{dict(counted)} in {elapsed:.1f} s beside {len(others)} of another key")  # noqa: T201
    assert RATE * (BURST_S + SECONDS) * 0.97 - 1 <= counted[200] <= RATE * (BURST_S + elapsed) * 1.03 + 1
    assert set(counted) == {200, 429}
    assert set(others) == {200}


async def test_a_flood_of_refused_calls_fills_neither_memory_nor_the_audit_trail(
    stack: Stack, gateway_pid: int
) -> None:
    async def flood(number: int, client: httpx.AsyncClient) -> None:
        for call in range(100):
            headers = {"X-API-Key": f"rk_{number:04}x{call:04}_{'a' * 40}", "X-Request-Id": f"{number}-{call}"}
            assert (await client.get(f"/v1/cases?case_id={call}", headers=headers)).status_code in (401, 429)

    async with watched(gateway_pid) as memory, httpx.AsyncClient(base_url=stack.public_url, timeout=30) as client:
        before = await entries(client, stack)
        await asyncio.gather(*(flood(number, client) for number in range(CONNECTIONS)))
        await asyncio.sleep(2)
        written = await entries(client, stack) - before
    print(f"{written} audit entries for {100 * CONNECTIONS} refusals")  # noqa: T201
    assert 1 <= written <= 100
    assert memory.growth < 40, memory


async def entries(client: httpx.AsyncClient, stack: Stack) -> int:
    answer = await client.get("/v1/admin/gateway/audit/access:anonymous", headers={"X-API-Key": stack.admin_key})
    return len(answer.json().get("items", []))
