"""Which fault comes when: the whole plan follows from the seed."""

import random
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from tests.chaos.clocks import clock_kind
from tests.chaos.disks import disk_kinds
from tests.chaos.fault import Fault, Kind, both, can_overlap
from tests.chaos.links import link_kinds, short_link_faults
from tests.chaos.poison import poison_kind, poisoned
from tests.chaos.processes import process_kinds, short_faults
from tests.chaos.replay import consumers_anew, replay_kinds

T = TypeVar("T")
Planned = tuple[Kind, Fault]
_PAIR = Kind("two at once", [], overlaps=True)


def every_kind() -> list[Kind]:
    return [*process_kinds(), *disk_kinds(), clock_kind(), *link_kinds(), poison_kind(), *replay_kinds(), _PAIR]


def chosen_kinds(pattern: str) -> list[Kind]:
    """Those whose name holds the pattern, whole; of the others the variants whose names hold it."""
    kinds = every_kind()
    narrowed = [
        kind if re.search(pattern, kind.name) else replace(kind, variants=_named(kind, pattern)) for kind in kinds
    ]
    return [kind for kind in narrowed if kind.variants or (kind.overlaps and re.search(pattern, kind.name))]


def _named(kind: Kind, pattern: str) -> list[Fault]:
    return [one for one in kind.variants if re.search(pattern, one.name)]


def plan_of(kinds: Sequence[Kind], seed: int) -> Iterator[Planned]:
    """Rounds without end: each holds every kind once, in an order and with variants of its own.

    What the machine cannot do is planned all the same and left out later, so that equal seeds give equal plans.
    """
    dice = random.Random(seed)
    while True:
        for kind in dice.sample(kinds, len(kinds)):
            yield kind, _pair(dice) if kind.overlaps else dice.choice(kind.variants)


def _pair(dice: random.Random) -> Fault:
    plain = [one for kind in every_kind() if not kind.needs for one in kind.variants if not one.alone]
    while not can_overlap(one := dice.choice(plain), other := dice.choice(plain)):
        pass
    return both(one, other)


def short_plan() -> Iterator[Planned]:
    """What needs no root, in an order in which what one leaves behind ends under the next."""
    faults = [*short_faults(), *short_link_faults(), poisoned(50), consumers_anew()]
    kind_of = {one.name: kind for kind in every_kind() for one in kind.variants}
    yield from ((kind_of[one.name], one) for one in faults)


def until_time(things: Iterator[T], seconds: float, clock: Iterator[float]) -> Iterator[T]:
    """As many as begin within `seconds`; `clock` yields the seconds gone by, once per thing."""
    for thing, gone in zip(things, clock, strict=False):
        if gone >= seconds:
            return
        yield thing
