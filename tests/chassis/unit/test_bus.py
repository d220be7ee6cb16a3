"""A lost connection is known at once."""

import asyncio

import pytest

from chassis.bus import Bus
from chassis.metrics import Metrics
from chassis.settings import CommonSettings
from stack.keys import new_signing_key


@pytest.fixture
def bus() -> Bus:
    settings = CommonSettings(
        dsn="postgresql://", nats_url="nats://nowhere.example", signing_key=new_signing_key(), trusted_issuers={}
    )
    return Bus(settings, "probe", Metrics("probe", "0"))


async def answer(after_s: float = 0.0) -> str:
    await asyncio.sleep(after_s)
    return "answer"


async def test_while_the_connection_stands_work_gives_its_result(bus: Bus) -> None:
    await bus._on_connect()
    assert await bus.unless_lost(answer()) == "answer"


async def test_work_under_way_ends_when_the_connection_is_lost(bus: Bus) -> None:
    await bus._on_connect()
    waiting = asyncio.create_task(bus.unless_lost(answer(after_s=60)))
    await asyncio.sleep(0)
    await bus._on_disconnect()
    with pytest.raises(ConnectionResetError):
        async with asyncio.timeout(1):
            await waiting


async def test_without_a_connection_no_work_is_begun(bus: Bus) -> None:
    begun = False

    async def begin() -> None:
        nonlocal begun
        begun = True

    await bus._on_connect()
    await bus._on_disconnect()
    with pytest.raises(ConnectionResetError):
        await bus.unless_lost(begin())
    assert not begun


async def test_what_fails_by_itself_fails_as_before(bus: Bus) -> None:
    async def fail() -> None:
        raise ValueError("its own fault")

    await bus._on_connect()
    with pytest.raises(ValueError, match="its own fault"):
        await bus.unless_lost(fail())


async def test_after_a_new_connection_work_goes_on(bus: Bus) -> None:
    await bus._on_connect()
    await bus._on_disconnect()
    await bus._on_connect()
    assert await bus.unless_lost(answer()) == "answer"
