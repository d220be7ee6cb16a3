"""Which complaints are graded a second time, and by whom."""

from collections.abc import Collection, Mapping, Sequence
from typing import Literal

Allocation = Literal["proportional", "equal"]
ALLOCATIONS: tuple[Allocation, ...] = ("proportional", "equal")


def allotted(populations: Mapping[str, int], size: int, allocation: Allocation) -> dict[str, int]:
    """How many of each stratum: none beyond its population, at least one of each that has any while `size` lasts.
    Proportional shares go by largest remainders.
    """
    size = min(size, sum(populations.values()))
    given = dict.fromkeys(populations, 0)
    for name in sorted((name for name in populations if populations[name]), key=lambda name: -populations[name])[:size]:
        given[name] = 1
    while (left := size - sum(given.values())) > 0:
        given |= _more(populations, given, left, size, allocation)
    return given


def _more(
    populations: Mapping[str, int], given: Mapping[str, int], left: int, size: int, allocation: Allocation
) -> dict[str, int]:
    """One more for the strata that are furthest behind their share, one round at a time."""
    total = sum(populations.values())
    open_ones = [name for name in populations if given[name] < populations[name]]
    wanted = {name: size * populations[name] / total if allocation == "proportional" else 0.0 for name in open_ones}
    behind = sorted(open_ones, key=lambda name: given[name] - wanted[name])
    return {name: given[name] + 1 for name in (behind[:1] if allocation == "proportional" else behind[:left])}


def assigned(barred: Sequence[Collection[str]], graders: Sequence[str]) -> list[str | None]:
    """A grader for each complaint, evenly; nobody grades what they graded first. None: everybody named is barred."""
    load = dict.fromkeys(graders, 0)
    found: list[str | None] = []
    for persons in barred:
        able = [name for name in graders if name not in persons]
        chosen = min(able, key=lambda name: load[name]) if able else None
        if chosen is not None:
            load[chosen] += 1
        found.append(chosen)
    return found
