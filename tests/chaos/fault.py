"""What a fault is, and how two of them overlap."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from tests.chaos.ground import Ground


@dataclass(frozen=True)
class Fault:
    name: str
    strike: Callable[[Ground], str]
    """Does the damage, lasts as long as it lasts, takes the damage back; returns what is worth telling about it."""
    touches: frozenset[str] = frozenset()
    """Parts it handles: two faults that handle the same part cannot overlap."""
    alone: bool = False
    """It needs the rest healthy, or handles everything."""


@dataclass(frozen=True)
class Kind:
    """Faults that teach the same; a run picks one of them at a time."""

    name: str
    variants: Sequence[Fault]
    needs: Collection[str] = ()
    """What the machine must be able to do; see requirements.py."""
    overlaps: bool = False
    """Two faults of other kinds at once: `variants` is empty, the plan makes them."""


def fault(name: str, strike: Callable[[Ground], str], *touches: str, alone: bool = False) -> Fault:
    return Fault(name, strike, frozenset(touches), alone)


def can_overlap(one: Fault, other: Fault) -> bool:
    return not (one.alone or other.alone or one.touches & other.touches)


def both(one: Fault, other: Fault) -> Fault:
    """The other begins while the first goes on, or right after it where the first takes no time."""

    def strike(ground: Ground) -> str:
        told: list[str] = []
        with ground.meanwhile(lambda: told.append(other.strike(ground))):
            told.insert(0, one.strike(ground))
        return "; ".join(filter(None, told))

    return Fault(f"{one.name} + {other.name}", strike, one.touches | other.touches)
