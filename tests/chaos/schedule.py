"""Which fault comes when."""

import random
from collections.abc import Iterator, Sequence
from typing import TypeVar

T = TypeVar("T")


def rounds(of: Sequence[T], seed: int) -> Iterator[T]:
    """All of them in a shuffled order, then all again in another, without end. Equal seeds give equal orders."""
    dice = random.Random(seed)
    while True:
        yield from dice.sample(of, len(of))


def until_time(things: Iterator[T], seconds: float, clock: Iterator[float]) -> Iterator[T]:
    """As many as begin within `seconds`; `clock` yields the seconds gone by, once per thing."""
    for thing, gone in zip(things, clock, strict=False):
        if gone >= seconds:
            return
        yield thing
