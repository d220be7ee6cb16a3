import asyncio
from collections.abc import Awaitable, Callable

import pytest

from gateway.adapters.shared_reads import SharedReads


class Owner:
    """Answers with how often it was asked, when it is let."""

    def __init__(self) -> None:
        self.asked = 0
        self.let = asyncio.Event()

    def question(self) -> Callable[[], Awaitable[int]]:
        async def ask() -> int:
            self.asked += 1
            mine = self.asked
            await self.let.wait()
            return mine

        return ask


async def started(reads: SharedReads, owner: Owner, key: str, count: int) -> list[asyncio.Task[int]]:
    tasks = [asyncio.create_task(reads.ask(key, owner.question())) for _ in range(count)]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return tasks


async def test_equal_questions_during_one_share_the_next_and_never_get_an_older_answer() -> None:
    reads, owner = SharedReads(), Owner()
    first = await started(reads, owner, "page", 1)
    later = await started(reads, owner, "page", 5)
    owner.let.set()
    assert await asyncio.gather(*first) == [1]
    assert await asyncio.gather(*later) == [2] * 5
    assert await reads.ask("page", owner.question()) == 3


async def test_different_questions_do_not_wait_for_each_other() -> None:
    reads, owner = SharedReads(), Owner()
    tasks = [*await started(reads, owner, "one", 1), *await started(reads, owner, "other", 1)]
    assert owner.asked == 2
    owner.let.set()
    assert sorted(await asyncio.gather(*tasks)) == [1, 2]


async def test_who_goes_away_harms_no_other_and_a_failure_is_told_to_all_and_kept_by_nobody() -> None:
    reads, owner = SharedReads(), Owner()
    first = await started(reads, owner, "page", 1)
    later = await started(reads, owner, "page", 2)
    first[0].cancel()
    later[0].cancel()
    owner.let.set()
    assert await later[1] == 2

    async def fails() -> int:
        raise ValueError("away")

    with pytest.raises(ValueError, match="away"):
        await reads.ask("page", fails)
    assert await reads.ask("page", owner.question()) == 3


async def test_whoever_comes_in_the_moment_between_two_questions_is_answered_too() -> None:
    reads = SharedReads()
    asked = 0

    async def question() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return asked

    async def client() -> None:
        for _ in range(200):
            assert await reads.ask("page", question) > 0

    await asyncio.gather(*(client() for _ in range(16)))
    assert asked < 3200
