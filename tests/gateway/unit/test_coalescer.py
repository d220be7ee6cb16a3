import asyncio
from collections.abc import Sequence

import pytest

from chassis.errors import Unavailable
from gateway.adapters.coalesce import BatchLimits, Coalescer


class Owner:
    """Answers a batch when it is told to, and remembers what came."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.open = asyncio.Event()

    async def send(self, items: Sequence[str]) -> Sequence[str]:
        self.batches.append(list(items))
        await self.open.wait()
        return [item.upper() for item in items]


def coalescer(owner: Owner, **limits: int) -> Coalescer[str, str]:
    return Coalescer(owner.send, len, BatchLimits(**({"in_flight": 1} | limits)))


async def submit_all(calls: Coalescer[str, str], items: Sequence[str]) -> list[asyncio.Task[str]]:
    tasks = [asyncio.create_task(calls.submit(item, 5)) for item in items]
    for _ in range(3):
        await asyncio.sleep(0)
    return tasks


async def test_calls_that_arrive_while_a_batch_is_under_way_leave_together_and_in_order() -> None:
    owner = Owner()
    calls = coalescer(owner)
    first = await submit_all(calls, ["a"])
    rest = await submit_all(calls, ["b", "c", "d"])
    owner.open.set()
    assert await asyncio.gather(*first, *rest) == ["A", "B", "C", "D"]
    assert owner.batches == [["a"], ["b", "c", "d"]]


async def test_a_lonely_call_leaves_at_once() -> None:
    owner = Owner()
    owner.open.set()
    assert await coalescer(owner).submit("a", 1) == "A"


async def test_no_more_batches_than_allowed_are_under_way() -> None:
    owner = Owner()
    calls = coalescer(owner, in_flight=2, items=1)
    tasks = await submit_all(calls, list("abcd"))
    assert owner.batches == [["a"], ["b"]]
    owner.open.set()
    assert await asyncio.gather(*tasks) == list("ABCD")


async def test_a_batch_ends_at_its_size_in_items_and_in_bytes() -> None:
    owner = Owner()
    calls = coalescer(owner, items=2, bytes=6)
    tasks = await submit_all(calls, ["x"])
    tasks += await submit_all(calls, ["a", "b", "c", "ddddd", "e", "ffffffffff"])
    owner.open.set()
    await asyncio.gather(*tasks)
    assert owner.batches == [["x"], ["a", "b"], ["c", "ddddd"], ["e"], ["ffffffffff"]]


async def test_a_batch_that_fails_fails_for_all_its_callers_and_for_nobody_else() -> None:
    failing = True

    async def send(items: Sequence[str]) -> Sequence[str]:
        if failing:
            raise Unavailable("down", retry_after=3)
        return list(items)

    calls = Coalescer[str, str](send, len, BatchLimits(in_flight=1))
    outcomes = await asyncio.gather(*(calls.submit(item, 1) for item in "abc"), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable] * 3
    failing = False
    assert await calls.submit("d", 1) == "d"


async def test_an_answer_of_the_wrong_length_is_nobodys_answer() -> None:
    async def send(items: Sequence[str]) -> Sequence[str]:
        return []

    with pytest.raises(Unavailable):
        await Coalescer[str, str](send, len, BatchLimits()).submit("a", 1)


async def test_a_caller_that_goes_away_harms_no_other() -> None:
    owner = Owner()
    calls = coalescer(owner)
    first = await submit_all(calls, ["a"])
    leaving, staying = await submit_all(calls, ["b", "c"])
    first[0].cancel()
    leaving.cancel()
    await asyncio.sleep(0)
    owner.open.set()
    assert await staying == "C"
    assert owner.batches == [["a"], ["c"]]


async def test_equal_items_are_answered_one_by_one() -> None:
    owner = Owner()
    calls = coalescer(owner)
    tasks = await submit_all(calls, ["a"])
    tasks += await submit_all(calls, ["k", "k"])
    owner.open.set()
    assert await asyncio.gather(*tasks) == ["A", "K", "K"]
    assert owner.batches[1] == ["k", "k"]


async def test_a_call_that_waits_too_long_is_unavailable_and_does_not_leave_later() -> None:
    owner = Owner()
    calls = coalescer(owner)
    await submit_all(calls, ["a"])
    with pytest.raises(Unavailable):
        await calls.submit("late", 0.01)
    owner.open.set()
    await calls.drain()
    assert owner.batches == [["a"]]


async def test_a_full_queue_refuses() -> None:
    owner = Owner()
    calls = coalescer(owner, waiting=1)
    tasks = await submit_all(calls, ["a"])
    tasks += await submit_all(calls, ["b"])
    with pytest.raises(Unavailable):
        await calls.submit("c", 1)
    owner.open.set()
    await asyncio.gather(*tasks)


async def test_a_call_that_arrives_as_the_last_flight_lands_still_leaves() -> None:
    async def send(items: Sequence[str]) -> Sequence[str]:
        return list(items)

    calls = Coalescer[str, str](send, len, BatchLimits(in_flight=1))
    for number in range(200):
        assert await calls.submit(str(number), 1) == str(number)


class Prompt:
    """Answers at once, and remembers how many came together."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    async def send(self, items: Sequence[str]) -> Sequence[str]:
        self.sizes.append(len(items))
        await asyncio.sleep(0)
        return list(items)

    def calls(self) -> Coalescer[str, str]:
        return Coalescer(self.send, len, BatchLimits(apart_s=30.0))


async def test_one_who_waits_for_each_answer_is_never_held_back() -> None:
    owner = Prompt()
    calls = owner.calls()
    for number in range(20):
        assert await calls.submit(str(number), 1) == str(number)
    assert owner.sizes == [1] * 20


async def test_callers_who_come_back_together_leave_together_at_once() -> None:
    owner = Prompt()
    calls = owner.calls()
    calls._sizes.append(3)  # they were three lately
    for number in range(5):
        await asyncio.gather(*(calls.submit(f"{number} {who}", 1) for who in "abc"))
    assert owner.sizes == [3] * 5


async def test_a_call_waits_for_those_that_may_come_while_others_have_just_left() -> None:
    owner = Prompt()
    calls = owner.calls()
    calls._sizes.append(3)
    calls._left_at = asyncio.get_running_loop().time()
    early = await submit_all(calls, ["a", "b"])
    assert owner.sizes == []
    early += await submit_all(calls, ["c"])
    assert await asyncio.gather(*early) == ["a", "b", "c"]
    assert owner.sizes == [3]
